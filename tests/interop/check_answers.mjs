// check_answers.mjs DOCUMENT ANSWERS: every answer of the NDJSON file ANSWERS ({operationId, status, mediaType, body}) is one
// that the OpenAPI document declares, and fits its schema as ajv judges it. Fields that no schema names are differences too.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { finish } from "./arrow.mjs";

const [documentFile, answersFile] = process.argv.slice(2);
const api = JSON.parse(readFileSync(documentFile, "utf8"));

// Objects that list their fields have no others: what we write must be what we document.
function close(schema) {
  if (schema === null || typeof schema !== "object") return;
  if (schema.properties !== undefined && schema.additionalProperties === undefined) schema.additionalProperties = false;
  Object.values(schema).forEach(close);
}
close(api.components.schemas);
close(api.components.responses);
close(api.paths);

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(api, "api");

const pointerText = (text) => encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
const operations = new Map();
for (const [path, item] of Object.entries(api.paths))
  for (const [method, operation] of Object.entries(item))
    operations.set(operation.operationId, { operation, at: `api#/paths/${pointerText(path)}/${method}/responses` });

// The media type that is declared for an answer, and where its schema stands.
function declared(answer) {
  const known = operations.get(answer.operationId);
  if (known === undefined) return undefined;
  const type = answer.mediaType.split(";")[0];
  const response = known.operation.responses[answer.status];
  if (response !== undefined && type === "" && response.content === undefined) return { empty: true };
  if (response?.content?.[type] !== undefined)
    return { type, schema: `${known.at}/${answer.status}/content/${pointerText(type)}/schema` };
  // What is refused has the form that the operation names as its default answer.
  const refusal = known.operation.responses.default.$ref;
  if (answer.status < 400 || !Object.hasOwn(api.components.responses[refusal.split("/").pop()].content, type)) return undefined;
  return { type, schema: `api${refusal}/content/${pointerText(type)}/schema` };
}

const differences = [];
const seen = new Set();
for (const line of readFileSync(answersFile, "utf8").split("\n").filter((text) => text !== "")) {
  const answer = JSON.parse(line);
  const what = `${answer.operationId} ${answer.status} ${answer.mediaType}`;
  const match = declared(answer);
  if (match === undefined) {
    differences.push(`${what}: the document declares no such answer`);
    continue;
  }
  seen.add(answer.operationId);
  if (match.empty) {
    if (answer.body !== "") differences.push(`${what}: a body where the document has none`);
    continue;
  }
  if (!match.type.includes("json")) continue;
  const bodies = match.type === "application/x-ndjson" ? answer.body.split("\n").filter((text) => text !== "") : [answer.body];
  const fits = ajv.getSchema(match.schema);
  for (const body of bodies)
    if (!fits(JSON.parse(body)))
      for (const error of fits.errors)
        differences.push(`${what}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}
console.log(`operations seen: ${[...seen].sort().join(" ")}`);
finish([...new Set(differences)], "answers and their document");
