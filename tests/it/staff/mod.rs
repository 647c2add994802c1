//! 工作人员: the second factor, fresh proofs, people and roles, and what goes wrong on the way.

mod people;
mod proof;
mod second;
mod sessions;
mod tree;

use application::ports::{sealing::Place, second_factor::OneTimePasswords as _};
use domain::ids::UserId;
use journeys::World;
use vault::Totp;

/// The code that the person's app shows now, moved by so many steps; of the secret in use, or of the one being set up.
async fn app_code(world: &World, user: UserId, steps: i64) -> String {
    let sealed: Vec<u8> = sqlx::query_scalar(
        "select coalesce((select p.new_secret from pending_sign_ins p where p.user_id = u.id and p.new_secret is not null
           order by p.created_at desc limit 1), f.new_secret, f.totp_secret)
         from users u left join second_factors f on f.user_id = u.id where u.id = $1",
    )
    .bind(user.0)
    .fetch_one(&world.owner)
    .await
    .expect("there is a secret");
    let city: uuid::Uuid = sqlx::query_scalar("select city_id from users where id = $1")
        .bind(user.0)
        .fetch_one(&world.owner)
        .await
        .expect("the person is there");
    let place = Place {
        tenant: city,
        table: "users",
        row: user.0,
        column: "totp_secret",
    };
    let secret = world
        .parts
        .sealer
        .open(&place, &sealed)
        .expect("it opens in its place");
    let step = world.parts.clock.now().unix_timestamp() / 30 + steps;
    Totp.code(&secret, step).expect("a code")
}
