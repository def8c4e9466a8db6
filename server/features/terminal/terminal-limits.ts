/** Numbers of the terminal feature; those both ends must know are in the protocol's `limits`. */
export const terminalLimits = {
  /** Open shells of one user; a detached one gives way to a new one, watched ones do not. */
  sessionsPerUser: 16,
  /** A shell nobody watches ends after this long: time for a lunch, not for a forgotten flood. */
  unwatchedMs: 60 * 60_000,
  /** Lines above the screen that a late joiner gets. */
  scrollbackLines: 5_000,
  /** Payload of one output frame: below the 64 KiB that clients may assume, header included. */
  frameBytes: 48 * 1024,
  /** The window of a viewer is what it draws in this time, within the bounds of the protocol. */
  windowMs: 13,
  /** Its speed is looked at this often: long enough for a clock of milliseconds and a frame or two. */
  speedSpanMs: 20,
  /** A stopped program goes on when all viewers are below this share of their windows: the gap avoids switching for every frame. */
  resumeShare: 0.5,
  /** A viewer under a full window that draws nothing for this long no longer holds up the others. */
  slowViewerMs: 15_000,
  /** Parsed by the server's own screen per turn of the event loop: about 2 ms of work. */
  screenSliceBytes: 16 * 1024,
  /** The server's screen looks at new output this late; queries are looked at once. */
  screenDelayMs: 20,
  /** More than this since the last look, 1.6 MB/s, is a flood: parsing it as it comes costs most when the machine is busy, and its screen can wait. */
  screenFloodBytes: 32 * 1024,
  /** From here on the screen skips plain lines that will have scrolled out anyway. */
  screenSkipBytes: 1024 * 1024,
  /** Unparsed output that stops the program, when there is nothing to skip; it goes on below a quarter. */
  screenBacklogBytes: 4 * 1024 * 1024,
} as const;
