//! Ratings 评价: what enterprises say of the branches that decided their requests (W22).

use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    rating::Stars,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// 机构回复, or why the city hid it: words, whose, when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub words: String,
    pub by: Option<UserId>,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// A rating with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub application: FinancingApplicationId,
    pub application_no: String,
    /// 沧州**有限公司.
    pub masked_name: String,
    pub bank: TenantId,
    pub branch: TenantId,
    pub branch_name: String,
    pub stars: Stars,
    pub words: String,
    pub rated_by: UserId,
    pub rated_at: OffsetDateTime,
    pub reply: Option<Said>,
    pub hidden: Option<Said>,
}

/// A rating as everybody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicRating {
    pub masked_name: String,
    pub branch_name: String,
    pub stars: Stars,
    pub words: String,
    pub rated_at: OffsetDateTime,
    pub reply: String,
}

/// What everybody reads of one institution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicRatings {
    pub count: i64,
    /// Stars given in all: 办理效率, 服务态度, 费用与条件透明.
    pub stars: [i64; 3],
    /// The newest ones.
    pub newest: Vec<PublicRating>,
}

/// One page of a list, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RatingPage {
    pub rows: Vec<Rating>,
    pub total: i64,
}

/// After what a rating is asked for; each once a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatingAsk {
    /// 通过 without a draw yet, or 不通过.
    Decided,
    /// The first draw.
    Drawn,
}

impl RatingAsk {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Drawn => "drawn",
        }
    }

    /// First words of the key under which it is asked once.
    pub fn key_head(self) -> String {
        format!("rate-asked:{}:", self.code())
    }
}

#[async_trait]
pub trait Ratings: Send {
    /// Requests of the city to which that happened in between, that nobody has rated or was asked to.
    async fn to_ask(
        &mut self,
        after: RatingAsk,
        from: OffsetDateTime,
        until: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// Requests of the enterprise that were decided since then and not rated, the newest first.
    async fn unrated(
        &mut self,
        since: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    async fn rating_of(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Rating>, StoreError>;

    /// Conflict `ratings_once` when this request has been rated.
    async fn rate(&mut self, rating: &Rating) -> Result<(), StoreError>;

    async fn rating(&mut self, id: Uuid) -> Result<Option<Rating>, StoreError>;

    /// Those that the unit of work may see, newest first; `hidden`: only those that are, or are not.
    async fn ratings(
        &mut self,
        hidden: Option<bool>,
        skip: i64,
        most: i64,
    ) -> Result<RatingPage, StoreError>;

    /// False when there is a reply already.
    async fn reply_to_rating(&mut self, id: Uuid, reply: &Said) -> Result<bool, StoreError>;

    /// Hides it, or shows it again; false when it is so already.
    async fn hide_rating(&mut self, id: Uuid, hidden: Option<&Said>) -> Result<bool, StoreError>;

    /// For everybody: of one institution, with its branches.
    async fn public_ratings(
        &mut self,
        bank: TenantId,
        newest: i64,
    ) -> Result<PublicRatings, StoreError>;
}
