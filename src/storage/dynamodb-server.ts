// A server that speaks DynamoDB's protocol, as a program of its own: `node dynamodb-server.js HOST PORT`. It keeps its
// tables in memory, so they end with it. Started by dynamodb.ts for one run, and by `sebs storage start`.
import type { Server } from 'node:http';
// @ts-expect-error: the library brings no types.
import dynalite from 'dynalite';

interface Options {
  createTableMs: number;
  deleteTableMs: number;
  updateTableMs: number;
}

const [host = '127.0.0.1', port = '0'] = process.argv.slice(2);
const makeServer: (options: Options) => Server = dynalite;
// Tables are there at once: the time that the cloud takes to make them is nothing to measure here.
makeServer({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }).listen(Number(port), host);
