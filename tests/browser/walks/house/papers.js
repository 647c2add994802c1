'use strict';
// Papers and faces for uploads and the fake camera, drawn when the walks begin.

const fs = require('node:fs');

function licence(firm) {
  return `<h1>营业执照</h1><p class="no">统一社会信用代码　${firm.creditCode}</p>
    <p>名　　称　${firm.name}</p><p>类　　型　有限责任公司</p><p>法定代表人　${firm.representative}</p>
    <p>经营范围　机械零部件制造、销售</p><p>注册资本　壹仟万元整</p><p>住　　所　沧州市运河区${firm.address}</p><p class="mark">样张 仅供演示</p>`;
}

function cardFront(firm) {
  return `<p>姓名　${firm.representative}</p><p>性别　男　　民族　汉</p><p>出生　1890 年 1 月 1 日</p>
    <p>住址　河北省沧州市运河区${firm.address}</p><p class="no">公民身份号码　${firm.idNumber}</p><div class="face"></div><p class="mark">样张 仅供演示</p>`;
}

function cardBack() {
  return '<h1>居民身份证</h1><p>签发机关　沧州市公安局运河分局</p><p>有效期限　长期</p><p class="mark">样张 仅供演示</p>';
}

const STYLE = `body{margin:0;font:30px/1.7 "Noto Sans CJK SC";color:#223;background:#fbf6ea}
  main{position:relative;box-sizing:border-box;width:1000px;height:640px;padding:40px 60px;border:14px double #b58b3a}
  h1{margin:0 0 16px;text-align:center;font-size:54px;letter-spacing:12px}p{margin:0 0 6px}.no{font-weight:700}
  .mark{position:absolute;right:60px;bottom:24px;color:#b3261e;font-size:36px}
  .face{position:absolute;right:70px;top:60px;width:190px;height:240px;border-radius:50%;background:#e8b894}`;

// Pictures of the three papers of an enterprise, JPEG.
async function papers(browser, firm) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
  const drawn = {};
  for (const [name, content] of Object.entries({ licence: licence(firm), front: cardFront(firm), back: cardBack() })) {
    await page.setContent(`<style>${STYLE}</style><main>${content}</main>`);
    drawn[name] = { name: `${name}.jpg`, mimeType: 'image/jpeg', buffer: await page.screenshot({ type: 'jpeg', quality: 85 }) };
  }
  await page.close();
  return drawn;
}

// Who sits before the camera: a head before a wall, as raw frames (Y4M, 4:2:0).
function writeCamera(file, width = 640, height = 480) {
  const light = Buffer.alloc(width * height);
  const blue = Buffer.alloc((width * height) / 4);
  const red = Buffer.alloc((width * height) / 4);
  const inside = (x, y, cx, cy, rx, ry) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let [l, b, r] = [205 - ((y * 40) / height), 128, 124];
      if (inside(x, y, 320, 480, 210, 120)) [l, b, r] = [70, 150, 118];
      if (inside(x, y, 320, 220, 128, 165)) [l, b, r] = [40, 128, 130];
      if (inside(x, y, 320, 240, 110, 145)) [l, b, r] = [178 + (x - 320) / 10, 108, 152];
      if (inside(x, y, 275, 215, 18, 9) || inside(x, y, 365, 215, 18, 9)) [l, b, r] = [30, 128, 128];
      if (inside(x, y, 320, 262, 9, 22)) [l, b, r] = [155, 110, 152];
      if (inside(x, y, 320, 320, 38, 10)) [l, b, r] = [110, 115, 170];
      // A little grain: a real camera never gives the same value twice.
      light[y * width + x] = Math.max(16, Math.min(235, l + ((x * 7 + y * 13) % 9) - 4));
      if (x % 2 === 0 && y % 2 === 0) {
        const at = (y / 2) * (width / 2) + x / 2;
        blue[at] = b;
        red[at] = r;
      }
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, blue, red]);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  fs.writeFileSync(file, Buffer.concat([head, frame, frame, frame]));
}

module.exports = { papers, writeCamera };
