// Tries an event here, without a release. Development only: nothing imports
// this file, so no build contains it.
//
//   npm run event astro dev          starts the dev server; or `wix dev`
//   npm run event contact-created    sends that event's sample to its handler
//
// Another port: `npm run event astro dev -- --port 4400`, and so for sending.
// `data` in the sample, `contact-created.sample.json` beside the handler, is the
// event as Wix sends it (`id`, not `_id`; dates as text). Its `id` and `eventTime`
// are new each time; with an `id` in the sample, each send is the same delivery.

import { spawn } from "node:child_process";
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const SERVERS = { astro: "astro", wix: "@wix/cli" };
const KEY_FILE = join("node_modules", ".cache", "wix-event", "key.pem");
const START = "Start one with `npm run event astro dev`.";

/**
 * Starts a dev server that takes this script for Wix: with the public half of a
 * key made for this run. The environment goes before `.env.local`, which stays
 * as it is. The server is the app's own, and no process stands in between that
 * would keep signals from it.
 */
async function startServer(name, args) {
  const require = createRequire(resolve("package.json"));
  const manifest = require.resolve(`${SERVERS[name]}/package.json`);
  const program = join(dirname(manifest), require(manifest).bin[name]);
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  mkdirSync(dirname(KEY_FILE), { recursive: true });
  rmSync(KEY_FILE, { force: true }); // Only a new file gets the mode.
  writeFileSync(KEY_FILE, privateKey, { mode: 0o600 });
  const server = spawn(process.execPath, [program, ...args], {
    stdio: "inherit",
    env: {
      ...process.env,
      WIX_CLIENT_PUBLIC_KEY: Buffer.from(publicKey).toString("base64"),
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=${import.meta.url}?server`,
    },
  });
  process.on("SIGINT", () => {}); // Ctrl-C reaches the server too: wait for it
  process.on("SIGTERM", () => server.kill());
  const [code] = await once(server, "exit");
  rmSync(KEY_FILE, { force: true });
  process.exitCode = code ?? 1;
}

/**
 * Runs inside the server: it leaves a request without an answer when a handler
 * throws or cannot be loaded, so answer with the error. (One that is thrown while
 * several requests are open answers them all.)
 */
function answerErrors() {
  subscribe("http.server.request.start", ({ request, response }) => {
    if (!request.url?.startsWith("/_wix/")) return;
    const answer = (error) => {
      response.statusCode = 500;
      response.end(error?.stack ?? String(error));
    };
    process.on("unhandledRejection", answer);
    response.on("close", () => process.off("unhandledRejection", answer));
  });
}

/** Finds the file and the id of an event's builder under `src`. */
function findEvent(name) {
  const events = new Map();
  for (const path of readdirSync("src", { recursive: true })) {
    if (!path.endsWith(".extension.ts")) continue;
    const file = join("src", path);
    const id = /extensions\.event\(\s*\{[^}]*?\bid:\s*["'`]([^"'`]+)/.exec(
      readFileSync(file, "utf8"),
    )?.[1];
    if (id) events.set(basename(file, ".extension.ts"), { file, id });
  }
  const event = events.get(name);
  if (event) return event;
  const names = [...events.keys()].sort().join(", ");
  throw new Error(`No event "${name ?? ""}" under src. There is: ${names}.`);
}

/** Reads the sample beside a builder, as a delivery of its own. */
function readSample(builder) {
  const file = builder.replace(/\.extension\.ts$/, ".sample.json");
  if (!existsSync(file)) {
    throw new Error(
      `${file} is missing. Write there what Wix sends: { "eventType", "data" }.`,
    );
  }
  try {
    const { data, identity, ...rest } = JSON.parse(readFileSync(file, "utf8"));
    // The older events, which are about no entity, have neither.
    const delivery = data.entityFqdn && {
      id: randomUUID(),
      eventTime: new Date().toISOString(),
    };
    return {
      ...rest,
      identity: JSON.stringify(identity),
      data: JSON.stringify({ ...delivery, ...data }),
    };
  } catch (error) {
    throw new Error(`${file}: ${error.message}`);
  }
}

/** The site that elevated calls reach: the app's own, where it is known. */
function instanceId() {
  const env = existsSync(".env.local")
    ? readFileSync(".env.local", "utf8")
    : "";
  const found = /^WIX_CLIENT_INSTANCE_ID=["']?([\w-]+)/m.exec(env);
  return found?.[1] ?? randomUUID();
}

/** Signs the claims as Wix does: a JSON Web Token, RS256. */
function signed(claims) {
  const [head, body] = [{ alg: "RS256", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const token = Buffer.from(`${head}.${body}`);
  const signature = sign("RSA-SHA256", token, readFileSync(KEY_FILE));
  return `${token}.${signature.toString("base64url")}`;
}

async function request(url, options) {
  try {
    const response = await fetch(url, {
      ...options,
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });
    return { response, text: await response.text() };
  } catch (error) {
    throw new Error(
      `No answer from ${url} (${error.cause?.code ?? error.message}). Is this the port of a server that \`npm run event astro dev\` started?`,
    );
  }
}

/** Asks the server where it takes the webhook of the builder with this id. */
async function findWebhook(origin, { id, file }) {
  const { text } = await request(`${origin}/_wix/app-manifest.json`);
  let manifest;
  try {
    manifest = JSON.parse(text);
  } catch {
    throw new Error(`${origin} serves no working Wix app:\n${text}`);
  }
  const webhook = manifest.components?.find(({ compId }) => compId === id)
    ?.compData.webhook;
  if (!webhook) {
    throw new Error(
      `${origin} has no event with the id of ${file}. Register it in src/extensions.ts, or name this app's port with --port.`,
    );
  }
  // Only the path: this script talks to this machine, whatever the manifest says.
  return origin + new URL(webhook.callbackUrl).pathname;
}

async function send(name, port) {
  const event = findEvent(name);
  const sample = readSample(event.file);
  if (!existsSync(KEY_FILE)) throw new Error(`No dev server runs. ${START}`);
  const webhook = await findWebhook(`http://localhost:${port}`, event);
  const data = JSON.stringify({ ...sample, instanceId: instanceId() });
  const start = performance.now();
  const { response, text } = await request(webhook, {
    method: "POST",
    body: signed({ data }),
  });
  const ms = Math.round(performance.now() - start);
  if (text.includes("signature verification failed")) {
    throw new Error(`${name}: the server has another key. Stop it. ${START}`);
  }
  const answer = `${name}: ${response.status} in ${ms} ms${text && `\n${text}`}`;
  if (!response.ok) throw new Error(answer);
  console.log(answer);
}

async function main([name, ...args]) {
  if (Object.hasOwn(SERVERS, name)) return startServer(name, args);
  const { values } = parseArgs({
    args,
    options: { port: { type: "string", default: "4321" } },
  });
  if (!/^\d+$/.test(values.port)) {
    throw new Error(`--port takes a number, not "${values.port}".`);
  }
  return send(name, values.port);
}

if (import.meta.url.endsWith("?server")) {
  answerErrors();
} else {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
