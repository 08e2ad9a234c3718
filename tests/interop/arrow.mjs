// apache-arrow with codecs for the two compressions of Arrow IPC, and values as JSON writes them.
import { readFileSync } from "node:fs";
import { CompressionType, Type, compressionRegistry, tableFromIPC } from "apache-arrow";
import * as fzstd from "fzstd";
import lz4 from "lz4js";

compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (data) => lz4.decompress(data) });
// A copy: what fzstd gives may lie anywhere in a larger buffer, and typed arrays want their alignment.
compressionRegistry.set(CompressionType.ZSTD, { decode: (data) => fzstd.decompress(data).slice() });

export function openArrow(file) {
  return tableFromIPC(readFileSync(file));
}

function uuid(bytes) {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// The value of a cell as our JSON has it: ids and instants as text, closed sets by their word, integers as numbers.
export function plain(field, value) {
  if (value === null || value === undefined) return undefined;
  const meanings = field.metadata.get("meanings");
  switch (field.type.typeId) {
    case Type.FixedSizeBinary:
      return uuid(value);
    case Type.Timestamp:
      return new Date(Number(value)).toISOString();
    case Type.Int:
      if (meanings === "no,yes") return Number(value) === 1;
      return meanings === undefined ? Number(value) : meanings.split(",")[Number(value)];
    default:
      return value;
  }
}

// The rows of a table as objects without what is absent.
export function rowsOf(table) {
  const rows = [];
  for (const record of table) {
    const row = {};
    for (const field of table.schema.fields) {
      const value = plain(field, record[field.name]);
      if (value !== undefined) row[field.name] = value;
    }
    rows.push(row);
  }
  return rows;
}

// Prints what differs and ends the process with 1, or says that nothing does.
export function finish(differences, what) {
  if (differences.length === 0) {
    console.log(`${what}: the same`);
    return;
  }
  for (const difference of differences.slice(0, 20)) console.log(difference);
  console.log(`${what}: ${differences.length} differences`);
  process.exitCode = 1;
}
