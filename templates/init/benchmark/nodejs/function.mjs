// __NAME__ in Node.js: takes the event that input.mjs made, returns what input.mjs judges.
export async function handler(event) {
  let sum = 0;
  let largest = 0;
  for (const number of event.numbers) {
    sum += number;
    if (number > largest) largest = number;
  }
  return { sum, largest };
}
