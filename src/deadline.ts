// A bound on how long to wait. Comes in: work; goes out: what it gives, or an error that says what did not come in time.
// The work itself is not stopped: whoever can stop it does.

export async function withinDeadline<T>(deadlineMs: number, what: string, work: Promise<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${deadlineMs / 1000} s`)), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
