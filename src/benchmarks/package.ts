// Stage 3, packaging: builds a benchmark's code package once per content hash and keeps it in the cache.
export interface CodePackage {
  /** SHA-256 over everything that went in: source tree, wrapper, client modules, dependency lock, runtime version. */
  sha256: string;
  kind: string;
  /** Folder (kind directory) or file of the artefact, in the cache. */
  path: string;
  sizeBytes: number;
  /** e.g. "python 3.11.7". */
  runtime: string;
  sourceSha256: string;
  lockSha256?: string;
  /** Whether it came from the cache. */
  cached: boolean;
}
