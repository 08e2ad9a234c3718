// verify_webhooks.mjs MESSAGES SECRET PUBLICKEY: every message of the NDJSON file MESSAGES ({headers, body}) has a signature "v1"
// that the package standardwebhooks takes with SECRET, and a signature "v1a" that Node's own Ed25519 takes with PUBLICKEY; neither
// takes it once a byte was changed. The body is an event as CloudEvents has it.
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { finish } from "./arrow.mjs";

const [messagesFile, secret, publicKey] = process.argv.slice(2);
const raw = Buffer.from(publicKey.slice("whpk_".length), "base64");
const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });

function fitsPackage(headers, body, secretText) {
  // The exchange under test has a clock of its own.
  Date.now = () => Number(headers["webhook-timestamp"]) * 1000;
  try {
    new Webhook(secretText).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

function fitsPublicKey(headers, body) {
  const text = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  return headers["webhook-signature"].split(" ").some((one) => {
    const [version, signature] = one.split(",");
    return version === "v1a" && verify(null, text, key, Buffer.from(signature, "base64"));
  });
}

const differences = [];
const expect = (isRight, what) => isRight || differences.push(what);
const required = ["id", "source", "specversion", "type"];
const lines = readFileSync(messagesFile, "utf8").split("\n").filter((text) => text !== "");
for (const line of lines) {
  const { headers: sent, body } = JSON.parse(line);
  const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]));
  const what = headers["webhook-id"];
  expect(fitsPackage(headers, body, secret), `${what}: v1 does not verify`);
  expect(fitsPublicKey(headers, body), `${what}: v1a does not verify`);
  const turned = body.replace("1.0", "1.1");
  expect(!fitsPackage(headers, turned, secret), `${what}: v1 takes a changed body`);
  expect(!fitsPublicKey(headers, turned), `${what}: v1a takes a changed body`);
  const later = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) };
  expect(!fitsPackage(later, body, secret) && !fitsPublicKey(later, body), `${what}: another time is taken`);
  const other = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  expect(!fitsPackage(headers, body, other), `${what}: any secret will do`);
  const event = JSON.parse(body);
  for (const name of required)
    expect(typeof event[name] === "string" && event[name] !== "", `${what}: the event lacks ${name}`);
  for (const name of Object.keys(event)) expect(/^[a-z0-9]{1,20}$/.test(name), `${what}: '${name}' is no name of CloudEvents`);
  expect(event.specversion === "1.0" && !Number.isNaN(Date.parse(event.time)), `${what}: not CloudEvents 1.0`);
  expect(Buffer.byteLength(body) < 20_000, `${what}: larger than 20 kB`);
}
expect(lines.length > 0, "there are no messages");
finish(differences, "deliveries and Standard Webhooks");
