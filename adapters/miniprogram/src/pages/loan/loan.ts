// 放款与还款: each draw is confirmed or doubted, what was paid back is read, an approval that is not needed is given up.

import { call, mustBeIn, type Reply } from '../../lib/api';
import { grouped, minute, tag, unit } from '../../lib/format';
import { once } from '../../lib/once';
import { isProblem } from '../../lib/problem';
import { act, demand, screen, show } from '../../lib/screen';

type Loan = Reply<'/api/v1/applications/{id}/loan', 'get'>;
type Draw = Loan['draws'][number];
type Repayment = Loan['repayments'][number];

const corrected = (at: string | null | undefined, reason: string) => `${at ? `${minute(at)} ` : ''}更正，原因：${reason}`;

function wasDraw(one: Draw['corrections'][number], key: number) {
  const due = one.due_on ? `，到期日 ${one.due_on}` : '';
  const was = `原登记：${grouped(one.amount)} 万元，${one.rate}%/年，放款日 ${one.drawn_on}${due}，合同编号 ${one.contract_no}`;
  return { key, was, why: corrected(one.corrected_at, one.reason) };
}

function draw(one: Draw) {
  return {
    ...one,
    tag: tag('draw', one.state),
    money: `${grouped(one.amount)} 万元（${grouped(one.amount_yuan)} 元）`,
    doubted: one.dispute ? `${one.dispute.words}（${minute(one.dispute.at)}）` : '',
    answered: one.answer ? `${one.answer.words}（${minute(one.answer.at)}）` : '',
    before: one.corrections.map(wasDraw),
  };
}

function repayment(one: Repayment) {
  const was = (old: Repayment['corrections'][number], key: number) => ({
    key,
    was: `原登记：归还本金 ${grouped(old.principal_yuan)} 元，还款日 ${old.repaid_on}`,
    why: corrected(old.corrected_at, old.reason),
  });
  return { ...one, principal: grouped(one.principal_yuan), balance: grouped(one.balance_yuan), before: one.corrections.map(was) };
}

function card(loan: Loan) {
  return {
    ...loan,
    tag: tag('loan', loan.disbursement),
    approved: loan.approved_amount ? `${grouped(loan.approved_amount)} 万元` : '-',
    rate: loan.approved_rate ? `${loan.approved_rate}%/年` : '-',
    term: loan.approved_term && loan.approved_term_unit ? `${loan.approved_term} ${unit(loan.approved_term_unit)}` : '-',
    until: loan.approval_valid_until ?? '-',
    drawnText: `${grouped(loan.drawn)} 万元`,
    owed: `${grouped(loan.owed_yuan)} 元`,
    draws: loan.draws.map(draw),
    repayments: loan.repayments.map(repayment),
  };
}

screen({
  data: { id: '', loan: null as ReturnType<typeof card> | null, doubting: '', doubted: 0, givingUp: false },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const loan = await call('get', '/api/v1/applications/{id}/loan', { at: { id: this.data.id } });
      if (fresh()) this.setData({ loan: card(loan) });
    }, this.data.loan !== null);
  },
  /** One deed, and how the loan stands afterwards; also when somebody else was faster. */
  async settle(name: string, said: string, work: () => Promise<unknown>) {
    await act(this, name, async () => {
      try {
        await work();
      } catch (error) {
        if (isProblem(error) && error.status === 409) {
          this.setData({ doubting: '', givingUp: false });
          await this.load();
        }
        throw error;
      }
      this.setData({ doubting: '', givingUp: false, notice: said, noticeKind: 'success' });
      await this.load();
      void wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    });
  },
  async confirm(event: WechatMiniprogram.BaseEvent) {
    const { draw: which } = event.currentTarget.dataset as { draw: string };
    const at = { id: this.data.id, draw: which };
    await this.settle(which, '已确认放款无误。', () =>
      once(`draw.${which}.confirm`, at, (key) => call('post', '/api/v1/applications/{id}/loan/draws/{draw}/confirmation', { at, key })));
  },
  doubt(event: WechatMiniprogram.BaseEvent) {
    const { draw: doubting, number: doubted } = event.currentTarget.dataset as { draw: string; number: number };
    this.setData({ doubting, doubted, 'values.dispute': '', 'errors.dispute': '' });
  },
  giveUp() {
    this.setData({ givingUp: true });
  },
  stay() {
    this.setData({ doubting: '', givingUp: false });
  },
  async dispute() {
    const at = { id: this.data.id, draw: this.data.doubting };
    await this.settle('dispute', '已提出异议，支行会核实并答复您。', () => {
      demand(this.data.values, { dispute: '请输入异议内容' });
      const body = { dispute: this.data.values.dispute ?? '' };
      return once(`draw.${at.draw}.dispute`, body, (key) => call('post', '/api/v1/applications/{id}/loan/draws/{draw}/dispute', { at, body, key }));
    });
  },
  async leave() {
    const at = { id: this.data.id };
    const body = { give_up_reason: this.data.values.give_up_reason ?? '' };
    await this.settle('leave', '已放弃额度，受理支行会收到通知。', () =>
      once(`loan.${at.id}.leave`, body, (key) => call('post', '/api/v1/applications/{id}/loan/giving-up', { at, body, key })));
  },
});
