//! Typed identifiers: newtypes over UUID v7 that cannot be mistaken for each other.

use std::fmt;

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}({})", stringify!($name), self.0) }
        }
        impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }
    )+};
}

ids! {
    /// 租户: a city, an institution or a branch.
    TenantId,
    /// 企业.
    EnterpriseId,
    /// 用户: a person who signs in.
    UserId,
    /// 融资产品.
    ProductId,
    /// 融资需求.
    FinancingApplicationId,
    /// 材料文件.
    FileId,
    /// 人脸核验 attempt.
    FaceCheckId,
    /// 平台人工核验 of one photo.
    FaceReviewId,
    /// 手机接力 link.
    HandoverId,
    /// 授权记录.
    ConsentId,
    /// 消息.
    MessageId,
    /// 操作记录 of an application.
    ApplicationEventId,
    /// 退回补充 item.
    SupplementItemId,
    /// 尽调照片.
    DiligencePhotoId,
    /// 放款记录.
    DrawId,
    /// 还款记录.
    RepaymentId,
}
