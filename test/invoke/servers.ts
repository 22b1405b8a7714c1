// Real servers on loopback for the tests of the client. Each is closed with everything that is connected to it.
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createNetServer, type Server, type Socket } from 'node:net';

export interface TestServer {
  origin: string;
  /** Connections accepted so far. */
  accepted(): number;
  close(): Promise<void>;
}

export function httpServer(
  listener: RequestListener,
  options: { keepAliveTimeout?: number } = {},
): Promise<TestServer> {
  const server = createHttpServer({ keepAliveTimeout: 60_000, ...options }, listener);
  return listening(server);
}

/** Speaks whatever the test says, byte by byte. */
export function netServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listening(createNetServer(onConnection));
}

export async function listening(server: Server, scheme: 'http' | 'https' = 'http'): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted: () => accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A port where nothing listens. */
export async function closedPort(): Promise<string> {
  const server = await netServer(() => {});
  await server.close();
  return server.origin;
}
