// PostgreSQL, asked the same questions of the table that postgres.sh has loaded.
//
//   node postgres.mjs SOCKET_FOLDER CALLS RUNS   prints figures
import pg from 'pg';
import { askAboutCalls, askForQuality, qualityQuestion } from './figures.mjs';

const [socket, calls, runs] = process.argv.slice(2).map((word, place) => (place < 1 ? word : Number(word)));
const questions = 500;

const client = new pg.Client({ host: socket, user: 'meetpoint', database: 'postgres' });
await client.connect();
// Each question is prepared once.
const names = new Map();
async function ask(sql, values) {
  if (!names.has(sql)) names.set(sql, `question_${names.size}`);
  return (await client.query({ name: names.get(sql), text: sql, values })).rows;
}

await askAboutCalls('postgres', questions, ask, 'row_to_json(page)');
await client.query('CREATE TABLE newest AS SELECT * FROM calls WHERE version = 2');
await client.query('VACUUM ANALYZE newest');
await client.query("SET work_mem = '512MB'");
await askForQuality('postgres', calls, runs, ask,
  qualityQuestion('extract(epoch FROM ringing_at - invited_at)::real * 1000', (value) =>
    `count(${value}), avg(${value}), min(${value}), max(${value}),
     percentile_disc(ARRAY[0.01, 0.05, 0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ${value})`));
await client.end();
