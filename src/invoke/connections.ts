// Connections: a new one for each request, or kept ones per origin, as many as there are requests at the same time.
// Comes in: an origin and the cell's policy; goes out: a Connection that carries one request at a time and tells when it
// begins to connect, so that a request on a kept connection shows no connect stage and a new one always does.
import type { Connection as ConnectionPolicy } from '../platforms/driver.js';
import { type Client, type Connector, type Dispatcher, loadUndici } from './undici.js';

/** Kept connections are closed by us after this time unused, or sooner when the server announces that it will. */
const IDLE_MS = 60_000;
/** Nothing is under way when it is given as a reason; one object, because making one for each request costs time. */
const UNWANTED = new Error('the connection is no longer wanted');

export interface ConnectionSettings {
  /** Bodies longer than this are an error. */
  maxBodyBytes: number;
  /** Certificates to trust beside the usual ones, PEM. */
  ca?: string;
}

export interface Connection {
  /** Sends one request; `connecting` is called if a new connection has to be made for it. */
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, connecting: () => void): void;
  /** The response was read in full: keeps the connection if that is the policy, else closes it. */
  finish(): void;
  /** Closes it; what is under way fails with the reason. */
  destroy(reason: Error): void;
}

export interface Connections {
  take(origin: string, policy: ConnectionPolicy): Connection;
  /** Closes the kept connections to an origin; those in use are closed when they are given back. */
  forget(origin: string): void;
  close(): void;
}

/** The kept connections of one origin. A shelf that is no longer in the table takes nothing back. */
interface Shelf {
  idle: Pipe[];
  inUse: number;
}

/** An undici client that has at most one socket and one request. */
interface Pipe {
  client: Client;
  /** Of the request it carries. */
  connecting: () => void;
  /** Called when its socket ends; undici's client would open another one for the next request. */
  ended: () => void;
  destroy(reason: Error): void;
}

export function createConnections(settings: ConnectionSettings): Connections {
  const shelves = new Map<string, Shelf>();
  const connector = createConnector(settings);

  function shelfOf(origin: string): Shelf {
    const known = shelves.get(origin);
    if (known !== undefined) return known;
    const shelf: Shelf = { idle: [], inUse: 0 };
    shelves.set(origin, shelf);
    return shelf;
  }

  function tidy(origin: string, shelf: Shelf): void {
    if (shelf.idle.length === 0 && shelf.inUse === 0 && shelves.get(origin) === shelf) shelves.delete(origin);
  }

  function takeKept(origin: string): Connection {
    const shelf = shelfOf(origin);
    // The one used last is the least likely to have been closed by the server meanwhile.
    const pipe = shelf.idle.pop() ?? openPipe(origin, 1, settings, connector);
    pipe.ended = nothing;
    shelf.inUse += 1;
    const leave = once(() => {
      shelf.inUse -= 1;
      tidy(origin, shelf);
    });
    return {
      dispatch: (request, handler, connecting) => send(pipe, request, handler, connecting),
      finish() {
        if (shelves.get(origin) === shelf) {
          shelf.idle.push(pipe);
          pipe.ended = () => {
            shelf.idle = shelf.idle.filter((other) => other !== pipe);
            pipe.destroy(UNWANTED);
            tidy(origin, shelf);
          };
        } else pipe.destroy(UNWANTED);
        leave();
      },
      destroy(reason) {
        pipe.destroy(reason);
        leave();
      },
    };
  }

  function takeFresh(origin: string): Connection {
    const pipe = openPipe(origin, 0, settings, connector);
    return {
      dispatch: (request, handler, connecting) => send(pipe, request, handler, connecting),
      finish: () => pipe.destroy(UNWANTED),
      destroy: (reason) => pipe.destroy(reason),
    };
  }

  function forget(origin: string): void {
    const shelf = shelves.get(origin);
    shelves.delete(origin);
    for (const pipe of shelf?.idle.splice(0) ?? []) {
      pipe.ended = nothing;
      pipe.destroy(UNWANTED);
    }
  }

  return {
    take: (origin, policy) => (policy === 'fresh' ? takeFresh(origin) : takeKept(origin)),
    forget,
    close: () => {
      for (const origin of [...shelves.keys()]) forget(origin);
    },
  };
}

/** `pipelining` 0 announces `connection: close`, 1 keeps the connection for the next request. */
function openPipe(origin: string, pipelining: 0 | 1, settings: ConnectionSettings, connector: SocketConnector): Pipe {
  const { Client } = loadUndici();
  let abandon: () => void = nothing;
  const pipe: Pipe = {
    client: new Client(origin, {
      pipelining,
      // One deadline covers placement and response; it is the attempt's, not the connection's.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      maxResponseSize: settings.maxBodyBytes,
      connect: (options, callback) => {
        pipe.connecting();
        abandon = connector(options, callback);
      },
    }),
    connecting: nothing,
    ended: nothing,
    destroy(reason) {
      pipe.client.destroy(reason).catch(nothing);
      // undici lets a socket that still connects go on until the system gives up.
      abandon();
    },
  };
  pipe.client.on('disconnect', () => pipe.ended());
  return pipe;
}

function send(
  pipe: Pipe,
  request: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
  connecting: () => void,
): void {
  pipe.connecting = connecting;
  pipe.client.dispatch(request, handler);
}

type SocketConnector = (...args: Parameters<Connector>) => () => void;

/** Opens a socket; goes out: how to end it while it still connects. */
function createConnector(settings: ConnectionSettings): SocketConnector {
  const connect = loadUndici().buildConnector({
    timeout: 0,
    // A TLS session taken over from the last connection would make the handshake of a new one shorter.
    maxCachedSessions: 0,
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
  });
  return (options, callback) => {
    // Its type says nothing is returned; it returns the socket, and tests would see if it did not.
    const socket = connect(options, callback) as unknown as { connecting: boolean; destroy(): void } | undefined;
    return () => {
      if (socket?.connecting === true) socket.destroy();
    };
  };
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

function nothing(): void {}
