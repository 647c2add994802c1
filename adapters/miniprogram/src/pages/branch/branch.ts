// 受理支行: where a branch's code leads: its address, its hours, what its bank offers.

import { call } from '../../lib/api';
import { ranged } from '../../lib/format';
import { Problem } from '../../lib/problem';
import { resolve } from '../../lib/scenes';
import { screen, show } from '../../lib/screen';

interface Branch {
  id: string;
  name: string;
  phone: string;
}

screen({
  data: { scene: '', institution: '', branch: null as Branch | null, area: '', products: [] as object[] },
  onLoad(query: { scene?: string }) {
    this.setData({ scene: query.scene ?? '' });
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const scene = await resolve(this.data.scene);
      if (!scene.branch || !scene.institution) throw new Problem('refused', '这个码没有指向支行。');
      const id = scene.institution;
      const [branches, products] = await Promise.all([
        call('get', '/api/v1/institutions/{id}/branches', { at: { id } }),
        call('get', '/api/v1/products', { query: { institution: id, limit: 50 } }),
      ]);
      const branch = branches.items.find((one) => one.id === scene.branch);
      if (!branch) throw new Problem('refused', '这家支行现在不受理申请。');
      if (!fresh()) return;
      this.setData({ branch, institution: scene.institution_name ?? '', area: branch.serves.join('、') || '全市', products: products.items.map(ranged) });
    });
  },
  dial() {
    void wx.makePhoneCall({ phoneNumber: this.data.branch?.phone ?? '' });
  },
});
