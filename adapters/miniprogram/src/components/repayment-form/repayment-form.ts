// 还款试算: computed by the platform within the figures of the product; an estimate, no offer.

import { call, type Reply } from '../../lib/api';
import { grouped, plain, unit } from '../../lib/format';
import { isProblem } from '../../lib/problem';

type Product = Reply<'/api/v1/products/{id}', 'get'>;
type Plan = Reply<'/api/v1/products/{id}/repayment', 'get'>;

/** 万元 that stand in the form at first, as far as the product gives them. */
const USUAL = 100;

function told(plan: Plan) {
  const { first, last, interest, total } = plan;
  return {
    summary: [
      { name: '首月还款', value: `${grouped(first)} 元` },
      { name: '末月还款', value: `${grouped(last)} 元` },
      { name: '利息合计', value: `${grouped(interest)} 元` },
      { name: '本息合计', value: `${grouped(total)} 元` },
    ],
    caption: plan.payments.length < plan.periods ? `还款计划（共 ${plan.periods} 期，列出前 ${plan.payments.length} 期）` : `还款计划（共 ${plan.periods} 期）`,
    payments: plan.payments.map((one) => ({
      month: one.month,
      payment: grouped(one.payment),
      parts: `其中本金 ${grouped(one.principal)} 元，利息 ${grouped(one.interest)} 元，剩余本金 ${grouped(one.left)} 元`,
    })),
  };
}

Component({
  properties: {
    product: { type: Object, value: {} as Record<string, unknown> },
  },
  data: {
    values: {} as Record<string, string>, errors: {} as Record<string, string>, problem: '', busy: false, unitText: '', fees: '',
    plan: null as ReturnType<typeof told> | null,
  },
  observers: {
    product(product: Product) {
      if (!product.id) return;
      const amount = Math.max(Math.min(USUAL, Number(product.amount_max)), Number(product.amount_min));
      this.setData({
        unitText: unit(product.term_unit),
        fees: product.fees.map(({ name, rule }) => `${name}（${rule}）`).join('；'),
        values: { amount: plain(String(amount)), term: String(product.term_min), rate: product.rate_min, method: product.computed_methods[0]?.code ?? '' },
        errors: {},
        problem: '',
        plan: null,
      });
    },
  },
  methods: {
    typed(event: WechatMiniprogram.CustomEvent<{ name: string; value: string }>) {
      const { name, value } = event.detail;
      this.setData({ [`values.${name}`]: value, [`errors.${name}`]: '' });
    },
    async compute() {
      if (this.data.busy) return;
      const { id } = this.data.product as unknown as Product;
      const { amount = '', term = '', rate = '', method = '' } = this.data.values;
      this.setData({ busy: true, errors: {}, problem: '' });
      try {
        const query = { amount: plain(amount.trim()), term: term.trim(), rate: rate.trim(), method };
        this.setData({ plan: told(await call('get', '/api/v1/products/{id}/repayment', { at: { id }, query })) });
      } catch (error) {
        const fields = isProblem(error) ? error.fields : [];
        this.setData({ plan: null, errors: Object.fromEntries(fields.map(({ field, detail }) => [field, detail])), problem: fields.length ? '' : (error as Error).message });
      }
      this.setData({ busy: false });
    },
  },
});
