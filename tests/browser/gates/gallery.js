'use strict';
// The gallery of all parts behind a small server that answers what the script asks for.

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { example } = require('./shipped');

const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', png: 'image/png' };
// The policy of the real server (rule S-17): the parts must work under it.
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
  "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

function draw() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gallery-'));
  example('gallery', folder);
  return folder;
}

// What the stub doors answer; `asked` keeps what was sent.
function doors(asked) {
  const regions = { 13: [['1309', '沧州市'], ['1301', '石家庄市']], 1309: [['130903', '运河区']], 130903: [] };
  return {
    '/api-lite/regions': (url) =>
      (regions[url.searchParams.get('parent')] || []).map(([value, label]) => ({ value, label })),
    '/api-lite/sms': (url, body) => {
      const sent = new URLSearchParams(body);
      if (sent.get('captcha') !== 'good') return { ok: false, field: 'captcha', message: '图形验证码不正确，请重新输入。' };
      return { ok: true, wait: 60, message: '验证码已发送至 138****1234' };
    },
    '/enterprise/profile/upload': () => ({ ok: true, message: '已上传', stored: '已上传 2026-03-05 09:30' }),
    '/enterprise/profile/upload-page': (url, body) => {
      if (body.includes(Buffer.from('坏页.png').toString('latin1'))) return { ok: false, message: '图片已损坏，无法打开。' };
      return { ok: true, message: '已上传', file: { id: String(asked.length), name: '图片，1 KB', href: '/assets/sample-qr.svg', picture: true } };
    },
    '/enterprise/profile/remove': () => ({ ok: true, message: '已删除' }),
    '/face/photo': () => ({ ok: false, message: '照片不清晰，请重新拍摄。' }),
    '/asked': () => asked,
  };
}

function serve(folder) {
  const asked = [];
  const answers = doors(asked);
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('latin1');
      const door = answers[url.pathname];
      if (request.method === 'POST') asked.push({ path: url.pathname, type: request.headers['content-type'], size: body.length });
      if (door) {
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
        response.end(JSON.stringify(door(url, body)));
        return;
      }
      const file = path.join(folder, decodeURIComponent(url.pathname));
      if (!file.startsWith(folder) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
        response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' });
        response.end('<!DOCTYPE html><title>404</title>');
        return;
      }
      const type = TYPES[file.split('.').pop()] || 'application/octet-stream';
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY });
      response.end(fs.readFileSync(file));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ url: `http://127.0.0.1:${server.address().port}`, asked, close: () => server.close() });
    });
  });
}

async function open() {
  const folder = draw();
  const server = await serve(folder);
  const pages = fs.readdirSync(folder).filter((name) => name.endsWith('.html')).map((name) => name.slice(0, -5));
  return {
    ...server,
    pages,
    close() {
      server.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

module.exports = { open };
