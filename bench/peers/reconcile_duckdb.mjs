// DuckDB, matching both sides of a day. Prints figures.
//
//   node reconcile_duckdb.mjs FOLDER DATABASE CALLS RUNS   FOLDER as reconcile_bench --write leaves it
import { rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { percentile, printFigure, timed } from './figures.mjs';
import { columns, statements } from './reconcile_sql.mjs';

const [folder, database, calls, runs] = process.argv.slice(2).map((word, place) => (place < 2 ? word : Number(word)));
rmSync(database, { force: true });
const connection = await (await DuckDBInstance.create(database)).connect();
for (const side of ['ours', 'theirs']) {
  await connection.run(`CREATE TABLE ${side} (${columns})`);
  await connection.run(`COPY ${side} FROM '${folder}/${side}' (FORMAT csv, HEADER false, NULLSTR '')`);
}
await connection.run('CHECKPOINT');
const milliseconds = await timed(Array.from({ length: runs }), async () => {
  for (const statement of statements) await connection.run(statement);
  await connection.run('CHECKPOINT');
});
const [[matched]] = await (await connection.runAndReadAll('SELECT count(*)::INTEGER FROM matches')).getRows();
if (matched < calls * 0.999) throw new Error(`DuckDB matched ${matched} of ${calls} calls`);
printFigure('reconcile.duckdb', percentile(milliseconds, 0.5) / 1000, 's');
