//! Tokens 令牌: random ids and codes, and the keyed hashes under which they are stored (S-13, S-16, section 6).

/// Tokens 令牌: the system's generator, keyed hashes and comparison in constant time.
pub trait Tokens: Send + Sync {
    /// Session id 会话标识: 256 random bits, base64url, 43 signs.
    fn session_id(&self) -> String;
    /// One-time token 一次性令牌 for links (first password, hand-over by QR): 256 random bits, base64url.
    fn one_time(&self) -> String;
    /// SMS code 短信验证码: six digits, each as likely as the others.
    fn sms_code(&self) -> String;
    /// What the database holds of a session id or one-time token: its SHA-256.
    fn fingerprint(&self, token: &str) -> [u8; 32];
    /// What the database holds of a short code: a keyed hash bound to its context (phone, purpose, session …).
    /// The parts are told apart: `["ab", "c"]` and `["a", "bc"]` differ.
    fn code_hash(&self, code: &str, bound_to: &[&str]) -> [u8; 32];
    /// CSRF token of a session or pre-session, derived from its id by a keyed hash.
    fn csrf(&self, session_id: &str) -> String;
    /// Whether a form's CSRF token belongs to this session; constant time.
    fn csrf_fits(&self, session_id: &str, given: &str) -> bool;
    /// Signs short-lived links and cookies of ours: keyed hash of the parts under a purpose, base64url.
    fn sign(&self, purpose: &'static str, parts: &[&str]) -> String;
    /// Whether a signature fits; constant time.
    fn sign_fits(&self, purpose: &'static str, parts: &[&str], given: &str) -> bool;
    /// HMAC-SHA-256 under a secret that somebody else holds too: a bank's key, a webhook's.
    fn mac(&self, secret: &[u8], text: &[u8]) -> [u8; 32];
    /// Compares in constant time.
    fn same(&self, left: &[u8], right: &[u8]) -> bool;
}
