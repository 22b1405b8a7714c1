// What tests use of boundaries.mjs.
export declare const OWNERS: Readonly<Record<string, string>>;
export declare function platformFolders(): string[];
