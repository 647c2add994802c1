//! 企业: its facts, and what is still missing before it may apply.

use crate::{
    ids::{EnterpriseId, TenantId},
    values::{
        Address, Cents, CompanyName, EmailAddress, IndustryCode, PersonName, PhoneNumber,
        RegionCode, ResidentId, UnifiedSocialCreditCode,
    },
    vocabulary,
};

vocabulary! {
    /// 企业材料: the three pictures of 完善信息 (M-405 to M-407).
    ProfileFile {
        Licence = "licence" / "营业执照照片",
        IdFront = "id_front" / "法人身份证正面照片",
        IdBack = "id_back" / "法人身份证反面照片",
    }
}

vocabulary! {
    /// Fields of 完善信息 that must be there, with their printed labels (M-405 to M-416).
    RequiredFact {
        Licence = "licence" / "营业执照照片",
        IdFront = "id_front" / "法人身份证正面照片",
        IdBack = "id_back" / "法人身份证反面照片",
        Name = "name" / "企业名称",
        CreditCode = "unified_social_credit_code" / "统一社会信用代码",
        LegalRepresentative = "legal_representative" / "法定代表人姓名",
        LegalId = "legal_id" / "法定代表人身份证号",
        ContactPhone = "contact_phone" / "法定代表人联系电话",
        Region = "region_code" / "注册区县",
        Industry = "industry_code" / "所属行业",
        Address = "address" / "详细地址",
    }
}

/// 企业信息 as the profile page collects it; checked values only.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: CompanyName,
    pub credit_code: UnifiedSocialCreditCode,
    pub registered_capital: Option<Cents>,
    pub legal_representative: PersonName,
    pub legal_id: ResidentId,
    pub contact_phone: PhoneNumber,
    pub region: RegionCode,
    pub industry: IndustryCode,
    pub address: Address,
    pub recommender: Option<TenantId>,
    pub email: Option<EmailAddress>,
}

/// Whether an enterprise may submit, and what keeps it from doing so (M-401).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub enterprise: EnterpriseId,
    /// 已完善.
    pub profile_complete: bool,
    /// 人脸核验 passed by the person who acts.
    pub face_verified: bool,
    /// 企业账户 held by the city.
    pub frozen: bool,
}
