'use strict';
// The six digits of an authenticator app: RFC 6238 with SHA-1 and steps of thirty seconds.

const { createHmac } = require('node:crypto');

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bytes(secret) {
  let bits = '';
  for (const letter of secret.toUpperCase().replace(/[^A-Z2-7]/g, '')) bits += LETTERS.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g).map((eight) => parseInt(eight, 2)));
}

// The code now, or some steps later: a step is accepted only once, and one step of drift is allowed.
function totp(secret, later = 0, at = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000) + later));
  const mac = createHmac('sha1', bytes(secret)).update(counter).digest();
  const from = mac[19] & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1000000).padStart(6, '0');
}

module.exports = { totp };
