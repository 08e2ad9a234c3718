// compare_feed.mjs FEED.json CALLS.arrow STREAMS.arrow: the calls of a feed's JSON page, made again from its two Arrow streams.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Type } from "apache-arrow";
import { finish, openArrow, rowsOf } from "./arrow.mjs";

const [jsonFile, callsFile, streamsFile] = process.argv.slice(2);
const page = JSON.parse(readFileSync(jsonFile, "utf8"));
const calls = openArrow(callsFile);
const streams = openArrow(streamsFile);
const differences = [];

for (const [name, table] of [["calls", calls], ["streams", streams]])
  for (const key of ["carrierId", "next"])
    if (table.schema.metadata.get(key) !== page[key]) differences.push(`${name}: the schema's ${key} is ${table.schema.metadata.get(key)}, the page's ${page[key]}`);

// A stream row has the device of the call's user beside its own figures.
const endpointColumns = { endpointIpAddress: "ipAddress", endpointOperatingSystem: "operatingSystem" };
const streamsOf = new Map();
for (const row of rowsOf(streams)) {
  const { sequence, storedAt, streamIndex, streamDirection, ...figures } = row;
  const entry = streamsOf.get(sequence) ?? { streams: [], endpoint: {} };
  streamsOf.set(sequence, entry);
  for (const [column, name] of Object.entries(endpointColumns)) {
    if (figures[column] !== undefined) entry.endpoint[name] = figures[column];
    delete figures[column];
  }
  if (streamIndex !== undefined) entry.streams[streamIndex] = { ...(streamDirection === undefined ? {} : { direction: streamDirection }), ...figures };
}

const digits = (number) => `+${number}`;

function farEndOf(row) {
  if (row.farEndNumber !== undefined) return digits(row.farEndNumber);
  if (row.farEndText !== undefined) return row.farEndText;
  if (row.farEndPrefix !== undefined) return digits(row.farEndPrefix) + "*".repeat(row.farEndMaskedDigits ?? 0);
  return null;
}

// The call as the API's JSON says it, from a row of the Arrow table.
function callOf(row) {
  const { ownNumber, ownNumberText, farEndPrefix, farEndMaskedDigits, farEndNumber, farEndText, statedOwnNumber, extensions, endpointUserAgent, ...call } = row;
  const own = ownNumber === undefined ? ownNumberText : digits(ownNumber);
  if (own !== undefined) call.ownNumber = own;
  const [near, far] = row.direction === "outbound" ? ["callerNumber", "calleeNumber"] : ["calleeNumber", "callerNumber"];
  call[near] = statedOwnNumber ?? own;
  call[far] = farEndOf(row);
  call.carrierId = calls.schema.metadata.get("carrierId");
  if (extensions !== undefined) call.extensions = JSON.parse(extensions);
  const more = streamsOf.get(row.sequence);
  const endpoint = { ...more?.endpoint, ...(endpointUserAgent === undefined ? {} : { userAgent: endpointUserAgent }) };
  if (Object.keys(endpoint).length > 0) call.endpoint = endpoint;
  if (more?.streams.length > 0) call.streams = more.streams;
  return call;
}

// Arrow has quality figures in single precision, of which JSON writes the shortest decimal.
const single = new Set(streams.schema.fields.filter((field) => field.type.typeId === Type.Float).map((field) => field.name));
const rounded = (call) => ({
  ...call,
  ...(call.streams && { streams: call.streams.map((stream) => Object.fromEntries(Object.entries(stream).map(([name, value]) => [name, single.has(name) ? Math.fround(value) : value]))) }),
});

const rows = rowsOf(calls);
if (rows.length !== page.items.length) differences.push(`Arrow has ${rows.length} calls, JSON ${page.items.length}`);
page.items.forEach((item, i) => {
  const [fromJson, fromArrow] = [rounded(item), rows[i] === undefined ? undefined : rounded(callOf(rows[i]))];
  if (!isDeepStrictEqual(fromJson, fromArrow)) differences.push(`call ${i}:\n  JSON  ${JSON.stringify(fromJson)}\n  Arrow ${JSON.stringify(fromArrow)}`);
});
finish(differences, `${page.items.length} calls`);
