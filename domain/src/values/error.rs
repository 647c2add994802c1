//! What the errors of all values share: a stable code and the parameters of its sentence.

/// Parameters 参数 of an error's sentence, by name.
pub type Params = Vec<(&'static str, String)>;

/// A refused value 不合规的值: the code is the key of its sentence, the parameters fill it. Never holds what was typed.
pub trait ValueError: std::error::Error + Send + Sync + 'static {
    fn code(&self) -> &'static str;
    fn params(&self) -> Params;
}

/// Writes an error enum from one table of variants and codes, so that no variant can lack its code.
macro_rules! value_error {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident $({ $($field:ident : $kind:ty),+ })? => $code:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$vmeta])* $variant $({ $($field: $kind),+ })?, )+
        }

        impl $name {
            /// Every code this error can have.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The stable key of this error's sentence.
            pub fn code(&self) -> &'static str {
                match self {
                    $( Self::$variant { .. } => $code, )+
                }
            }

            /// What the sentence needs to be filled in.
            pub fn params(&self) -> $crate::values::Params {
                match self {
                    $( Self::$variant $({ $($field),+ })? => vec![$($( (stringify!($field), $field.to_string()) ),+)?], )+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::error::Error for $name {}

        impl $crate::values::ValueError for $name {
            fn code(&self) -> &'static str {
                Self::code(self)
            }

            fn params(&self) -> $crate::values::Params {
                Self::params(self)
            }
        }
    };
}

/// `Display` and `Debug` of a personal value: both print the mask, so that no log can tell more (S-29, S-47).
macro_rules! prints_masked {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.masked())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.masked())
            }
        }
    };
}

/// `Display` of a value that is no secret: its text.
macro_rules! prints_plain {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use {prints_masked, prints_plain, value_error};
