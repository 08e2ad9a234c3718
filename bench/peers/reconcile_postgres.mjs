// PostgreSQL, matching both sides of a day that reconcile_postgres.sh has loaded. Prints figures.
//
//   node reconcile_postgres.mjs SOCKET_FOLDER CALLS RUNS
import pg from 'pg';
import { percentile, printFigure, timed } from './figures.mjs';
import { statements } from './reconcile_sql.mjs';

const [socket, calls, runs] = process.argv.slice(2).map((word, place) => (place < 1 ? word : Number(word)));
const client = new pg.Client({ host: socket, user: 'meetpoint', database: 'postgres' });
await client.connect();
await client.query("SET work_mem = '512MB'");
await client.query("SET client_min_messages = 'warning'");
const milliseconds = await timed(Array.from({ length: runs }), async () => {
  for (const statement of statements) {
    await client.query(statement);
    if (statement.startsWith('CREATE TABLE matches')) await client.query('ANALYZE matches');
  }
});
const { rows: [{ matched }] } = await client.query('SELECT count(*)::integer AS matched FROM matches');
if (matched < calls * 0.999) throw new Error(`PostgreSQL matched ${matched} of ${calls} calls`);
printFigure('reconcile.postgres', percentile(milliseconds, 0.5) / 1000, 's');
await client.end();
