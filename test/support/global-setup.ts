// Runs once before all tests. (What was left out for want of a program is collected here.)
export function setup(): void {}
