//! Every documented answer of every provider, and the chain; each request verified by the second implementation.

mod aliyun;
mod chain;
mod huawei;
mod kit;
mod tencent;
