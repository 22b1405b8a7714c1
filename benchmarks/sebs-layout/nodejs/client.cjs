// Packed as storage.js and nosql.js: what `require('./storage')` of a function of SeBS gets.
const { basename } = require('node:path');

module.exports = globalThis[Symbol.for('sebs-layout')][basename(__filename, '.js')];
