// compare_export.mjs SEARCH.json EXPORT.arrow COLUMN…: an export in Arrow holds the calls of a search's JSON page in their
// order, with these columns as JSON has them.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { finish, openArrow, rowsOf } from "./arrow.mjs";

const [jsonFile, arrowFile, ...columns] = process.argv.slice(2);
const { items } = JSON.parse(readFileSync(jsonFile, "utf8"));
const table = openArrow(arrowFile);
const rows = rowsOf(table);
const differences = [];

const names = table.schema.fields.map((field) => field.name).sort();
if (!isDeepStrictEqual(names, [...columns].sort())) differences.push(`Arrow has the columns ${names}`);
if (rows.length !== items.length) differences.push(`Arrow has ${rows.length} calls, JSON ${items.length}`);
items.forEach((item, i) => {
  for (const name of columns)
    if (!isDeepStrictEqual(rows[i]?.[name], item[name])) differences.push(`call ${i}, ${name}: ${item[name]} in JSON, ${rows[i]?.[name]} in Arrow`);
});
finish(differences, `${items.length} calls`);
