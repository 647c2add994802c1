//! 概览: what comes next first, open requests, the latest messages, products to choose from.

use domain::{enterprise::Standing, financing::FinancingApplication};

use super::Financing;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        application_board::BoardFilter, drafts::Draft, messages::MessageRow, product_offers::Offer,
    },
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    pub standing: Option<Standing>,
    /// Any request was ever submitted.
    pub submitted: u64,
    pub open: Vec<FinancingApplication>,
    pub open_total: u64,
    pub drafts: Vec<Draft>,
    pub messages: Vec<MessageRow>,
    pub unread: u64,
    pub products: Vec<Offer>,
}

impl Financing {
    pub async fn overview(&self, actor: &Actor) -> UseResult<Overview> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let everything = work
            .application_board()
            .page(&BoardFilter::default(), 1)
            .await?;
        let open_only = BoardFilter {
            open_only: true,
            ..BoardFilter::default()
        };
        let open = work.application_board().page(&open_only, 1).await?;
        Ok(Overview {
            standing: work.enterprises().standing(actor.user).await?,
            submitted: everything.total,
            open: open.rows,
            open_total: open.total,
            drafts: work.drafts().drafts().await?,
            messages: work.messages().messages(false, 0, 5).await?,
            unread: work.messages().count_messages().await?.1,
            products: work.product_offers().featured(3).await?,
        })
    }
}
