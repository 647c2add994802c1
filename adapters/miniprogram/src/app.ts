App({
  onLaunch() {
    const manager = wx.getUpdateManager();
    // A new release is taken at the next pause, not in the middle of a form.
    manager.onUpdateReady(() => {
      void wx.showModal({ title: '有新版本', content: '新版本已经下载好。现在重启使用？填写的内容会保留。', confirmText: '重启', cancelText: '稍后' }).then(({ confirm }) => {
        if (confirm) manager.applyUpdate();
      });
    });
  },
});
