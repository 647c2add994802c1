'use strict';
// Invented people and enterprises whose numbers pass every check and belong to nobody.

const { randomInt } = require('node:crypto');

const CODE_SIGNS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const SURNAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨';
const NAMES = '云屹澜宁朔航舟书溪恒志嘉景沐岚清';
const FIRMS = '瀚渤铸泽恒润岳启晟融冀沧盛朗拓和';

function pick(signs) {
  return signs[randomInt(signs.length)];
}

// 统一社会信用代码, check sign of GB 32100, in the segment that is never assigned.
function creditCode() {
  const body = `91130903PDY${String(randomInt(30000, 90000))}`;
  const organisation = `${body.slice(8)}${organisationCheck(body.slice(8))}`;
  const first = body.slice(0, 8) + organisation;
  let sum = 0;
  [...first].forEach((sign, at) => {
    sum += CODE_SIGNS.indexOf(sign) * (3 ** at % 31);
  });
  return first + CODE_SIGNS[(31 - (sum % 31)) % 31];
}

// The same with another check sign: the rules refuse it.
function doubtful(code) {
  return code.slice(0, 17) + (code[17] === '3' ? '4' : '3');
}

// GB 11714: eight signs and their check sign.
function organisationCheck(eight) {
  const weights = [3, 7, 9, 10, 5, 8, 4, 2];
  const signs = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const sum = [...eight].reduce((total, sign, at) => total + signs.indexOf(sign) * weights[at], 0);
  const check = 11 - (sum % 11);
  return { 10: 'X', 11: '0' }[check] ?? String(check);
}

// 居民身份证号 of somebody born in the 1890s.
function idNumber() {
  const body = `130903189${randomInt(10)}0${randomInt(1, 10)}${randomInt(10, 28)}${randomInt(100, 1000)}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...body].reduce((total, digit, at) => total + Number(digit) * weights[at], 0);
  return body + '10X98765432'[sum % 11];
}

function phone() {
  return `198${String(randomInt(10 ** 8)).padStart(8, '0')}`;
}

function enterprise() {
  const mark = Array.from({ length: 3 }, () => pick(FIRMS)).join('');
  return {
    name: `沧州市${mark}机械制造有限公司`,
    representative: pick(SURNAMES) + pick(NAMES) + pick(NAMES),
    phone: phone(),
    password: `Walk-${randomInt(10 ** 6)}-Aa`,
    creditCode: creditCode(),
    idNumber: idNumber(),
    address: '朝阳街道迎宾大道 18 号',
  };
}

module.exports = { creditCode, doubtful, enterprise, idNumber, phone };
