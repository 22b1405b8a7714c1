// Generated from schemas/ledger.schema.json by `npm run generate`. Do not edit.

/**
 * One line of raw/ledger.jsonl: something outside the run folder is about to be created, was created, or is gone. The last line of an entry is its state.
 */
export interface LedgerLine {
  /**
   * Platform id, kind and resource id, joined by '/'.
   */
  entry: string;
  at: string;
  /**
   * kept: left on purpose, note says why and until when. failed: could not be removed, note says why.
   */
  state: 'intended' | 'created' | 'removed' | 'kept' | 'failed';
  resource: ResourceRef;
  note?: string;
}
/**
 * This interface was referenced by `LedgerLine`'s JSON-Schema
 * via the `definition` "resource".
 */
export interface ResourceRef {
  /**
   * Id of the platform in the suite.
   */
  platform: string;
  /**
   * What it is: function, bucket, role, sandbox, directory, container, …
   */
  kind: string;
  /**
   * What the platform calls it.
   */
  id: string;
  /**
   * Region or path, where that matters.
   */
  location?: string;
}
