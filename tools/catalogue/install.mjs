import { execFileSync } from "node:child_process";

/**
 * Update the installed SDK packages to the newest versions that the project allows.
 *
 * @param {string} sdk the npm project that holds the SDK packages
 * @param {string[]} products package names without `@wix/`
 */
export function updateSdk(sdk, products) {
  execFileSync(
    "npm",
    [
      "update",
      // Without the addresses, the lock file serves whichever registry npm is set to.
      "--omit-lockfile-registry-resolved",
      "--no-audit",
      "--no-fund",
      ...products.map((name) => `@wix/${name}`),
    ],
    { cwd: sdk, stdio: ["ignore", "ignore", "inherit"] },
  );
}
