/** Numbers both ends must agree on; each with its unit and the reason for its size. */
export const limits = {
  /** One text or binary frame from a client, and one REST body. A paste is cut into frames by the client. */
  maxFrameBytes: 64 * 1024,
  /** A script without cookie or header must send its `auth` frame within this time. */
  authTimeoutMs: 5_000,
  /** The client sends `ping` this often; the server cuts a socket that is silent for two of them. */
  heartbeatMs: 20_000,
  /** A client's request without a reply after this long is reported as `timeout`. */
  replyTimeoutMs: 15_000,
  /** Frames a socket may send in one second, terminal input included; the burst is as large. */
  framesPerSecond: 200,
  /** What an `ack` counts of a frame: 2,000 a second acknowledge 65 MB/s, more than any page draws, and still bound a flood of them. */
  ackFrameCost: 0.1,
  /** Sockets one user may keep open; the oldest is closed for the newest. */
  socketsPerUser: 20,
  /** Bad frames before the socket is closed with `protocol_violation`. */
  badFrameStrikes: 3,
  /** The terminal stops its program when this many bytes are unacknowledged by the slowest active viewer: 13 ms of drawing at 10 MB/s. */
  terminalWindowBytes: 128 * 1024,
  /** A viewer that draws faster is let this far ahead, as an empty pipe costs it more than the same time costs a Ctrl-C. */
  terminalFastWindowBytes: 384 * 1024,
  /** A viewer acknowledges after drawing this many bytes, and when it has drawn everything. */
  terminalAckEveryBytes: 32 * 1024,
  /** Samples in the ring behind the first snapshot: 10 minutes of host, 10 minutes of VM. */
  hostHistorySamples: 600,
  hostSampleEveryMs: 1_000,
  vmHistorySamples: 300,
  vmSampleEveryMs: 2_000,
  /** Output kept of one job. */
  jobOutputLines: 2_000,
} as const;
