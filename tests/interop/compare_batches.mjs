// compare_batches.mjs FILE ROWS: every record batch of the stream holds the same ROWS rows, however it is compressed.
import { isDeepStrictEqual } from "node:util";
import { Table } from "apache-arrow";
import { finish, openArrow, rowsOf } from "./arrow.mjs";

const [file, count] = process.argv.slice(2);
const batches = openArrow(file).batches;
const differences = [];
if (batches.length !== 3) differences.push(`there are ${batches.length} batches, not 3`);
const first = rowsOf(new Table(batches[0]));
if (first.length !== Number(count)) differences.push(`the first batch has ${first.length} rows, not ${count}`);
batches.forEach((batch, i) => {
  rowsOf(new Table(batch)).forEach((row, at) => {
    if (!isDeepStrictEqual(row, first[at])) differences.push(`batch ${i}, row ${at}: ${JSON.stringify(row)} is not ${JSON.stringify(first[at])}`);
  });
});
finish(differences, `${batches.length} batches`);
