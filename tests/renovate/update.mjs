// Runs the step of Renovate that its local mode leaves out: the Copier update of one answers file.
// node update.mjs <repository> <branch> <clone, an empty folder> <answers file> <version> <allowScripts> <ignoreScripts>
const renovate = new URL("node_modules/renovate/dist/", import.meta.url);
const load = (path) => import(new URL(path, renovate));
const { GlobalConfig } = await load("config/global.js");
const git = await load("util/git/index.js");
const { updateArtifacts } = await load("modules/manager/copier/artifacts.js");

const [url, branch, localDir, packageFileName, newValue, allow, ignore] =
  process.argv.slice(2);
GlobalConfig.set({
  localDir,
  cacheDir: `${localDir}.cache`,
  binarySource: "global",
  allowScripts: allow === "true",
});
await git.initRepo({ url, defaultBranch: branch });
await git.syncGit();
const results = await updateArtifacts({
  packageFileName,
  updatedDeps: [{ newValue }],
  newPackageFileContent: "",
  config: { ignoreScripts: ignore === "true" },
});
console.log(
  JSON.stringify({
    files: results.filter((it) => it.file).map((it) => it.file.path),
    errors: results.flatMap((it) => it.artifactError?.stderr ?? []),
  }),
);
process.exit(0);
