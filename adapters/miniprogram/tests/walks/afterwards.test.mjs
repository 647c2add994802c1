// What follows a request: a move is answered, draws are confirmed and doubted, 复议 is asked for, a branch is rated. What the bank did is
// made up on the way to the phone, and so is what the platform says to the answers; how it answers them is asked in tests/it/api.

import assert from 'node:assert';
import { DEMO, walk } from '../house/walk.mjs';

const DRAW = {
  number: 1, amount: '30.00', amount_yuan: '300000.00', rate: '3.75', drawn_on: '2026-11-25', due_on: '2028-11-25', contract_no: 'HT-1',
  state: { code: 'waiting', label: '待您确认' }, dispute: null, answer: null, corrections: [], may_confirm: true, may_dispute: true,
};
const DRAWS = [
  { ...DRAW, id: '00000000-0000-4000-8000-000000000001' },
  { ...DRAW, id: '00000000-0000-4000-8000-000000000002', number: 2, contract_no: 'HT-2', corrections: [{ ...DRAW, amount: '3.00', corrected_at: '2026-11-25T10:00:00+08:00', reason: '金额录入有误' }] },
];

/** A real record of the demonstration, on whose way to the phone some things change; answers its id and what was sent. */
async function record(phone, changes) {
  await phone.enter(DEMO.complete.phone, DEMO.password);
  await phone.tap(/申请记录/, 'link');
  await phone.page.waitForFunction(() => window.host.data().records.length > 0);
  const id = await phone.page.evaluate(() => window.host.data().records[0].id);
  const sent = [];
  const base = `/api/v1/applications/${id}`;
  await phone.context.route((url) => url.pathname === base, async (route) => {
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...(await answer.json()), ...changes } });
  });
  await phone.context.route((url) => url.pathname.startsWith(`${base}/`), async (route) => {
    const request = route.request();
    const what = new URL(request.url()).pathname.slice(base.length + 1);
    if (request.method() === 'GET') return what in changes.pages ? route.fulfill({ json: changes.pages[what] }) : route.continue();
    sent.push({ what, body: request.postDataJSON(), key: request.headers()['idempotency-key'] });
    return route.fulfill({ status: 204 });
  });
  await phone.open(`/pages/record/record?id=${id}`);
  await phone.at('record');
  return { id, sent };
}

walk('the question of the bank is read with its reason and answered', async (open) => {
  const phone = await open();
  const move_asked = { to_branch: '新华支行', reason: '企业迁至新华区', asked_at: '2026-11-25T10:00:00+08:00' };
  const { sent } = await record(phone, { move_asked, deeds: ['answer_move', 'withdraw'], pages: {} });
  await phone.sees(/原因：企业迁至新华区/);
  assert.strictEqual(await phone.button('再次申请').locator('visible=true').count(), 0);
  await phone.look('record-move');
  await phone.tap('去答复');
  await phone.title('是否同意转到其他支行办理');
  await phone.tap('提交答复');
  await phone.sees('请选择是否同意');
  await phone.look('move-errors');
  await phone.tap('不同意');
  await phone.fill('说明', '离现在的支行近。');
  await phone.tap('提交答复');
  await phone.sees('您的答复已送达金融机构。');
  await phone.look('move-answered');
  assert.deepStrictEqual(sent.map(({ what, body }) => ({ what, body })), [{ what: 'move', body: { agreed: false, move_note: '离现在的支行近。' } }]);
  assert.ok(sent[0].key);
});

walk('a draw is confirmed, another one doubted, and whoever may do nothing is offered nothing', async (open) => {
  const phone = await open();
  const loan = {
    application_no: 'PO20261125001', institution: '运河支行', disbursement: { code: 'partly', label: '部分放款' }, approved_amount: '80.00', approved_rate: '3.75',
    approved_term: 2, approved_term_unit: { code: 'year', label: '年' }, approval_valid_until: '2027-03-31', drawn: '60.00', owed_yuan: '600000.00',
    draws: DRAWS, repayments: [], may_give_up: false,
  };
  const changes = { disbursement: loan.disbursement, draws: DRAWS, deeds: ['answer_draw'], pages: { loan } };
  const { id, sent } = await record(phone, changes);
  await phone.sees(/有放款待您确认/);
  assert.strictEqual(await phone.button('撤回申请').locator('visible=true').count(), 0);
  await phone.look('record-draws');
  await phone.tap('去确认放款');
  await phone.title('放款与还款');
  await phone.sees('30.00 万元（300,000.00 元）');
  await phone.sees(/更正，原因：金额录入有误/);
  await phone.look('loan');
  await phone.tap('确认无误，第 1 笔放款');
  await phone.sees('已确认放款无误。');
  await phone.tap('对第 2 笔放款有异议');
  const sheet = phone.page.getByRole('dialog');
  await sheet.getByRole('button', { name: '提出异议' }).click();
  await phone.sees('请输入异议内容');
  await phone.look('loan-dispute');
  await phone.fill('异议内容', '到账 3 万元。');
  await sheet.getByRole('button', { name: '提出异议' }).click();
  await phone.sees('已提出异议，支行会核实并答复您。');
  assert.deepStrictEqual(sent.map(({ what }) => what), [`loan/draws/${DRAWS[0].id}/confirmation`, `loan/draws/${DRAWS[1].id}/dispute`]);
  assert.deepStrictEqual(sent[1].body, { dispute: '到账 3 万元。' });

  Object.assign(loan, { disbursement: { code: 'waiting', label: '待放款' }, draws: [], may_give_up: true });
  await phone.open(`/pages/loan/loan?id=${id}`);
  await phone.sees(/支行还没有登记放款/);
  await phone.tap('放弃额度');
  await phone.look('loan-give-up');
  await phone.page.getByRole('dialog').getByRole('button', { name: '放弃额度' }).locator('visible=true').click();
  await phone.sees('已放弃额度，受理支行会收到通知。');
  assert.strictEqual(sent[2].what, 'loan/giving-up');

  changes.deeds = [];
  await phone.back();
  await phone.back();
  await phone.at('record');
  await phone.button('放款与还款').locator('visible=true').waitFor();
  for (const name of ['撤回申请', '再次申请', '申请复议']) assert.strictEqual(await phone.button(name).locator('visible=true').count(), 0, name);
});

walk('a refusal says what helps and from when on; 复议 is asked for, and the branch is rated', async (open) => {
  const phone = await open();
  const rating = { application_no: 'PO20261125001', institution: '运河支行', may_rate: true, rating: null };
  const { sent } = await record(phone, {
    refusal: { opinion: '抵押物价值不足。', reasons: [{ label: '担保不足', tip: '可以增加抵押物。' }], again_from: '2026-12-10' },
    appeal_until: '2026-12-02T17:30:00+08:00', deeds: ['reconsider', 'rate'], pages: { rating },
  });
  await phone.sees('担保不足：可以增加抵押物。');
  await phone.sees(/可在 2026-12-10 后再次申请该金融产品/);
  assert.strictEqual(await phone.button('再次申请').locator('visible=true').count(), 0);
  await phone.look('record-refused');
  await phone.tap('申请复议');
  await phone.title('申请复议');
  await phone.tap('申请复议');
  await phone.sees('请输入新情况说明');
  await phone.look('reconsider');
  await phone.fill('新情况说明', '新增设备抵押 20 万元。');
  await phone.tap('申请复议');
  await phone.sees('复议申请已提交，机构总部会答复您。');
  await phone.tap('完成');
  await phone.tap(/评价受理支行/, 'link');
  await phone.title('评价受理支行');
  await phone.tap('提交评价');
  await phone.sees('请为服务态度选择星级');
  await phone.look('rating');
  for (const name of ['办理效率', '服务态度', '费用与条件透明']) await phone.choose(['4 星，满意'], new RegExp(`^${name}`));
  rating.may_rate = false;
  rating.rating = { institution: '运河支行', speed: 4, service: 4, openness: 4, words: '', rated_at: '2026-11-25T10:00:00+08:00', reply: '谢谢。', hidden: null };
  await phone.tap('提交评价');
  await phone.sees('感谢您的评价。');
  await phone.sees('谢谢。');
  await phone.look('rating-given');
  assert.deepStrictEqual(sent.map(({ what, body }) => ({ what, body })), [
    { what: 'reconsideration', body: { facts: '新增设备抵押 20 万元。' } },
    { what: 'rating', body: { speed: 4, service: 4, openness: 4, rating_words: '' } },
  ]);
});
