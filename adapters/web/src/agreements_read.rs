//! Agreements opened 已打开的协议: a signed cookie per text says that this browser has opened it, in this version.
//!
//! The page of an agreement calls [`mark`]; the form that wants its box ticked asks [`was_read`].

use crate::visit::Visit;

const PURPOSE: &str = "agreement_read";

fn cookie_of(code: &str) -> String {
    format!("read_{code}")
}

/// The `Set-Cookie` value that notes an opened text; call before rendering, add it with `visit::set_cookie`.
pub fn mark(visit: &mut Visit, code: &str, version: &str) -> String {
    let binding = visit.ensure_binding().to_owned();
    let signature = visit.kit.tokens().sign(PURPOSE, &[&binding, code, version]);
    visit.kit.cookie(&cookie_of(code), &signature)
}

/// True when this browser opened this version of the text since its session (or pre-session) began.
pub fn was_read(visit: &Visit, code: &str, version: &str) -> bool {
    let Some(binding) = visit.binding() else {
        return false;
    };
    visit.cookie(&cookie_of(code)).is_some_and(|given| {
        visit
            .kit
            .tokens()
            .sign_fits(PURPOSE, &[binding, code, version], &given)
    })
}
