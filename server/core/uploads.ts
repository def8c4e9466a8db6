/** Files on their way in: the gateway writes them, a feature takes them up by their id. Implemented by features/images. */

export interface IncomingFile {
  /** `uploadId` of the protocol. */
  readonly id: string;
  write(bytes: Uint8Array): Promise<void>;
  /** From now on it can be taken up. */
  commit(): Promise<void>;
  /** Leaves nothing of it. Safe after `commit` too. */
  discard(): Promise<void>;
}

export interface UploadSink {
  /** Larger ones are refused. */
  readonly maxBytes: number;
  /** A new file under a random name. Throws `host_full` when the disk has not room for `sizeBytes`. */
  begin(sizeBytes: number): Promise<IncomingFile>;
}
