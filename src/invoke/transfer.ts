// The way of one request over one connection. Comes in: what to send, the connection, the timeline and the limit; goes
// out: the response as it came. The callbacks look at the clock and keep what arrived; nothing else is done in the timed
// span.
import type { Connection } from './connections.js';
import type { Limit } from './limit.js';
import type { Timeline } from './timeline.js';
import type { Dispatcher } from './undici.js';

export interface Transfer {
  connection: Connection;
  request: Dispatcher.DispatchOptions;
  timeline: Timeline;
  limit: Limit;
}

/** A response with nothing done to it. */
export interface RawResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  chunks: Buffer[];
}

/** What happened to the request, known also when it failed. */
export interface Sending {
  /** A connection was made for it. */
  connected: boolean;
  /** It was written. */
  sent: boolean;
}

/** Finishes the timeline with the last byte. Rejects with undici's or the system's error, or when the limit ends it. */
export function transfer({ connection, request, timeline, limit }: Transfer, sending: Sending): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const response: RawResponse = { status: 0, headers: {}, chunks: [] };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        // A second time would be a retry that nobody sees.
        if (sending.sent) controller.abort(new Error('the request would be sent twice'));
        sending.sent = true;
        timeline.enter('firstByte');
      },
      onResponseStart(_controller, status, headers) {
        // Not the response yet, only a hint that it will come.
        if (status < 200) return;
        timeline.enter('download');
        response.status = status;
        response.headers = headers;
      },
      onResponseData(_controller, chunk) {
        response.chunks.push(chunk);
      },
      onResponseEnd() {
        timeline.finish();
        resolve(response);
      },
      onResponseError: (_controller, error) => reject(error),
    };
    limit.onEnd(() => reject(new Error('given up')));
    if (limit.ended !== undefined) return;
    connection.dispatch(request, handler, () => {
      sending.connected = true;
      timeline.enter('connect');
    });
  });
}
