// DuckDB over the same records: stored from NDJSON in batches, a commit each, and asked the same questions.
//
//   node duckdb.mjs FOLDER DATABASE RECORDS RUNS   FOLDER as CallHistory::write leaves it; prints figures
import { rmSync, statSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { askAboutCalls, askForQuality, partsOf, percentile, printFigure, qualityQuestion } from './figures.mjs';

const [folder, database, records, runs] = process.argv.slice(2).map((word, place) => (place < 2 ? word : Number(word)));
const questions = 100;

const columns = `{callId: 'UUID', version: 'INTEGER', completeness: 'VARCHAR', direction: 'VARCHAR', callType: 'VARCHAR',
  callerNumber: 'VARCHAR', calleeNumber: 'VARCHAR', invitedAt: 'TIMESTAMP', ringingAt: 'TIMESTAMP', answeredAt: 'TIMESTAMP',
  endedAt: 'TIMESTAMP', durationMs: 'BIGINT', finalSipCode: 'INTEGER', finalSipCodePhrase: 'VARCHAR', q850Cause: 'INTEGER',
  endedBy: 'VARCHAR', sipCallId: 'VARCHAR', trunk: 'VARCHAR', region: 'VARCHAR',
  streams: 'STRUCT(direction VARCHAR, codec VARCHAR, packets BIGINT, jitterMsAvg FLOAT, lossRatioAvg FLOAT, mos FLOAT)[]'}`;

async function store() {
  rmSync(database, { force: true });
  const connection = await (await DuckDBInstance.create(database)).connect();
  await connection.run(`CREATE TABLE calls (sequence BIGINT, carrier INTEGER, own_number VARCHAR, call_id UUID, version INTEGER,
    completeness VARCHAR, direction VARCHAR, call_type VARCHAR, caller_number VARCHAR, callee_number VARCHAR, invited_at TIMESTAMP,
    ringing_at TIMESTAMP, answered_at TIMESTAMP, ended_at TIMESTAMP, duration_ms BIGINT, final_sip_code INTEGER,
    final_sip_code_phrase VARCHAR, q850_cause INTEGER, ended_by VARCHAR, sip_call_id VARCHAR, trunk VARCHAR, region VARCHAR,
    stream_direction VARCHAR, codec VARCHAR, packets BIGINT, jitter_ms_avg FLOAT, loss_ratio_avg FLOAT, mos FLOAT)`);
  await connection.run('CREATE SEQUENCE arrival');
  const start = process.hrtime.bigint();
  for (const part of partsOf(`${folder}/ndjson`))
    await connection.run(`INSERT INTO calls
      SELECT nextval('arrival'), right(own, 4)::INTEGER // 1250, own, COLUMNS(* EXCLUDE (own, streams)), streams[1].direction,
        streams[1].codec, streams[1].packets, streams[1].jitterMsAvg, streams[1].lossRatioAvg, streams[1].mos
      FROM (SELECT *, CASE WHEN direction = 'outbound' THEN callerNumber ELSE calleeNumber END AS own
            FROM read_json('${part}', format = 'newline_delimited', columns = ${columns}))`);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const [[stored]] = await (await connection.runAndReadAll('SELECT count(*)::INTEGER FROM calls')).getRows();
  if (stored !== records) throw new Error(`DuckDB holds ${stored} rows instead of ${records}`);
  return { connection, seconds };
}

const seconds = [];
let connection;
for (let run = 0; run < runs; ++run) {
  connection?.closeSync();
  const stored = await store();
  connection = stored.connection;
  seconds.push(stored.seconds);
}
printFigure('calls.ingest-duckdb', records / percentile(seconds, 0.5), 'records/s');
await connection.run('CHECKPOINT');
printFigure('calls.bytes-per-record-duckdb', statSync(database).size / records, 'bytes');

const ask = async (sql, values) => (await connection.runAndReadAll(sql, values)).getRowObjects();
await askAboutCalls('duckdb', questions, ask, 'to_json(page)');
await connection.run('CREATE TABLE newest AS SELECT * FROM calls WHERE version = 2');
for (const [name, quantile] of [['duckdb-sketch', 'approx_quantile'], ['duckdb-exact', 'quantile_disc']])
  await askForQuality(name, records / 2, runs, ask, qualityQuestionOf(quantile));

function qualityQuestionOf(quantile) {
  return qualityQuestion("date_diff('millisecond', invited_at, ringing_at)", (value) =>
    `count(${value}), avg(${value}), min(${value}), max(${value}), ${quantile}(${value}, [0.01, 0.05, 0.5, 0.95, 0.99])`);
}
