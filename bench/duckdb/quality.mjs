// The key figures of all calls by carrier and hour in DuckDB, from a table of its own that it loaded before: the same
// figures that /v1/quality gives, once with percentiles by its own sketch and once exact.
//
//   node quality.mjs CSV_FOLDER DATABASE RECORDS RUNS   prints figures
import { readFileSync, rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [folder, database, records, runs] = process.argv.slice(2);
rmSync(database, { force: true });
const connection = await (await DuckDBInstance.create(database)).connect();
const columns = readFileSync(`${folder}/columns`, 'utf8').split(',');
const names = columns.map((name) => `'${name}'`).join(',');

await connection.run(`CREATE TABLE calls AS SELECT *,
  (CAST(right(CASE WHEN direction = 'outbound' THEN caller_number ELSE callee_number END, 4) AS INTEGER) / 1250)::INTEGER AS carrier
  FROM read_csv('${folder}/part-*.csv', header = false, names = [${names}], nullstr = '',
    types = {'call_id': 'UUID', 'caller_number': 'VARCHAR', 'callee_number': 'VARCHAR', 'invited_at': 'TIMESTAMP', 'ringing_at': 'TIMESTAMP',
             'answered_at': 'TIMESTAMP', 'ended_at': 'TIMESTAMP', 'jitter_ms_avg': 'FLOAT', 'loss_ratio_avg': 'FLOAT', 'mos': 'FLOAT'})`);
await connection.run('CHECKPOINT');

const percentiles = '[0.01, 0.05, 0.5, 0.95, 0.99]';
const figure = (value, quantile) =>
  `count(${value}), avg(${value}), min(${value}), max(${value}), ${quantile}(${value}, ${percentiles})`;
const question = (quantile) => `
  WITH ends AS (
    SELECT carrier, date_trunc('hour', invited_at) AS hour, duration_ms, final_sip_code AS sip, q850_cause AS cause, packets,
      jitter_ms_avg AS jitter, loss_ratio_avg AS loss, CASE WHEN packets > 0 THEN mos END AS mos,
      date_diff('millisecond', invited_at, ringing_at) AS post_dial_ms,
      answered_at IS NOT NULL OR duration_ms > 0 AS answered,
      CASE WHEN packets = 0 THEN NULL WHEN jitter_ms_avg > 30 OR loss_ratio_avg > 0.1 THEN TRUE
           WHEN jitter_ms_avg IS NOT NULL OR loss_ratio_avg IS NOT NULL THEN FALSE END AS poor
    FROM calls)
  SELECT carrier, hour, count(*), count(*) FILTER (NOT (cause IN (34, 44) AND sip IS NULL)), count(*) FILTER (answered),
    count(*) FILTER (answered OR cause IN (17, 18, 19, 20, 21) OR sip IN (480, 486, 600, 603)),
    sum(duration_ms) FILTER (answered),
    count(*) FILTER (answered OR NOT (sip BETWEEN 300 AND 399 OR sip IN (401, 402, 407))),
    count(*) FILTER (answered OR sip IN (480, 486, 600, 603)),
    count(*) FILTER (poor), count(*) FILTER (NOT poor), count(packets) FILTER (packets = 0),
    ${figure('post_dial_ms', quantile)}, ${figure('jitter', quantile)}, ${figure('loss', quantile)}, ${figure('mos', quantile)}
  FROM ends GROUP BY ALL ORDER BY ALL`;

for (const [name, quantile] of [['sketch', 'approx_quantile'], ['exact', 'quantile_disc']]) {
  const seconds = [];
  for (let run = 0; run < Number(runs); ++run) {
    const start = process.hrtime.bigint();
    const rows = await (await connection.runAndReadAll(question(quantile))).getRows();
    seconds.push(Number(process.hrtime.bigint() - start) / 1e6);
    const calls = rows.reduce((sum, row) => sum + Number(row[2]), 0);
    if (calls !== Number(records)) throw new Error(`${calls} calls were counted`);
  }
  seconds.sort((a, b) => a - b);
  console.log(JSON.stringify({ name: `quality.duckdb-${name}`, value: Number(seconds[Math.floor(seconds.length / 2)].toPrecision(6)), unit: 'ms' }));
}
