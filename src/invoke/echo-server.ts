// The echo server of the calibration: a process of its own, so that the client's event loop is not shared, started from
// the text below, so that it needs no file beside the compiled code. Comes in: nothing; goes out: its origin and a way
// to end it. It ends by itself when its standard input closes, that is, when the client is gone however it went.
import { spawn } from 'node:child_process';
import { PlatformError } from '../errors.js';

const PROGRAM = `
const server = require('node:http').createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks)));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\\n'));
process.stdin.resume().on('end', () => process.exit()).on('error', () => process.exit());
`;

const START_MS = 10_000;

export interface EchoServer {
  /** Answers every request with its own body. */
  origin: string;
  close(): Promise<void>;
}

/** Throws PlatformError when the process does not come up. */
export async function startEchoServer(): Promise<EchoServer> {
  const child = spawn(process.execPath, ['--eval', PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = `${complaints}${text}`.slice(-2000);
  });
  // The client goes away from a server that has ended already: there is nothing left to do.
  child.stdin.on('error', () => {});
  const port = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(
        new PlatformError(`the echo server of the calibration ${why}${complaints === '' ? '' : `: ${complaints}`}`, {
          hint: `it is \`${process.execPath} --eval\` listening on 127.0.0.1: see what keeps that from working`,
        }),
      );
    };
    const timer = setTimeout(fail, START_MS, `did not start within ${START_MS / 1000} s`);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!output.includes('\n')) return;
      clearTimeout(timer);
      resolve(output.trim());
    });
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${signal ?? code}`);
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      child.stdin.end();
      child.kill('SIGKILL');
      await exited;
    },
  };
}
