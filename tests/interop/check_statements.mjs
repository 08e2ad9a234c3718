// check_statements.mjs FEED.json STATEMENTS.json: a receiver that kept a feed's records and checks the statements about them, by
// nothing but the words of RFC 8785 and of the API's document.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [feedFile, statementsFile] = process.argv.slice(2);
const records = JSON.parse(readFileSync(feedFile, "utf8")).items;
const answer = JSON.parse(readFileSync(statementsFile, "utf8"));

// RFC 8785: names in order of their UTF-16 code units, no blanks, texts and numbers as JSON.stringify has them.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function stated(ofTheHour) {
  let sum = 0n;
  for (const record of ofTheHour) sum += BigInt(`0x${createHash("sha256").update(canonical(record)).digest("hex").slice(0, 32)}`);
  const sequences = ofTheHour.map((record) => record.sequence);
  return {
    firstSequence: Math.min(...sequences),
    lastSequence: Math.max(...sequences),
    count: ofTheHour.length,
    hash: (sum % (1n << 128n)).toString(16).padStart(32, "0"),
    ...("callId" in ofTheHour[0] ? { durationMs: ofTheHour.reduce((ms, record) => ms + record.durationMs, 0) } : {}),
  };
}

const hours = new Map();
// In any order: it must not matter.
for (const record of records.reverse()) {
  if (record.storedAt >= answer.closedUntil) continue;
  const hour = `${record.storedAt.slice(0, 13)}:00:00.000Z`;
  hours.set(hour, [...(hours.get(hour) ?? []), record]);
}

const faults = [];
for (const { hour, chainHead, ...said } of answer.items) {
  if (!/^[0-9a-f]{64}$/.test(chainHead)) faults.push(`${hour}: the chain's head is ${chainHead}`);
  const got = hours.get(hour);
  hours.delete(hour);
  if (!got) faults.push(`${hour}: stated, and nothing received`);
  else for (const [name, value] of Object.entries(stated(got))) if (said[name] !== value) faults.push(`${hour}: ${name} is ${said[name]}, received ${value}`);
}
for (const hour of hours.keys()) faults.push(`${hour}: received, and not stated`);
if (faults.length > 0) {
  console.log(faults.join("\n"));
  process.exit(1);
}
console.log(`${answer.items.length} hours, ${records.length} records`);
