// Made by tools/schema.mjs from the OpenAPI document of the server; not written by hand.

export interface paths {
    "/api/v1/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 账号、设备和登录记录 */
        get: operations["get_account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/captchas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 登录后的图形验证码 */
        post: operations["post_account_captchas"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 让一台设备退出 */
        delete: operations["delete_account_devices_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** 修改密码 */
        put: operations["put_account_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/phone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** 更换手机号 */
        put: operations["put_account_phone"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/phone-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 向新手机号发送短信验证码 */
        post: operations["post_account_phone_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/proof-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 发送验证身份的短信验证码 */
        post: operations["post_account_proof_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/proofs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 验证身份 */
        post: operations["post_account_proofs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 让一处网页登录退出 */
        delete: operations["delete_account_sessions_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sign-outs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 其他设备和网页全部退出 */
        post: operations["post_account_sign_outs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/wechat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 绑定微信 */
        post: operations["post_account_wechat"];
        /** 解除绑定 */
        delete: operations["delete_account_wechat"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agreements/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 协议全文，并取得阅读凭证 */
        get: operations["get_agreements_code"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 申请记录 */
        get: operations["get_applications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 申请详情和进度 */
        get: operations["get_applications_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 须重新授权的协议 */
        get: operations["get_applications_id_consents"];
        put?: never;
        /** 重新授权 */
        post: operations["post_applications_id_consents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 留言列表 */
        get: operations["get_applications_id_letters"];
        put?: never;
        /** 留言、发送文件或请求回电 */
        post: operations["post_applications_id_letters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/letters/files/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 查看留言中的文件 */
        get: operations["get_applications_id_letters_files_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/letters/readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 标为已读 */
        post: operations["post_applications_id_letters_readings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/loan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 放款与还款 */
        get: operations["get_applications_id_loan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/loan/draws/{draw}/confirmation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 确认一笔放款无误 */
        post: operations["post_applications_id_loan_draws_draw_confirmation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/loan/draws/{draw}/dispute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 对一笔放款提出异议 */
        post: operations["post_applications_id_loan_draws_draw_dispute"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/loan/giving-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 放弃额度 */
        post: operations["post_applications_id_loan_giving_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 答复是否同意转到其他支行办理 */
        post: operations["post_applications_id_move"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/rating": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 评价受理支行 */
        get: operations["get_applications_id_rating"];
        put?: never;
        /** 提交评价 */
        post: operations["post_applications_id_rating"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/reconsideration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 申请复议 */
        post: operations["post_applications_id_reconsideration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/supplement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 补充提交，或暂存 */
        post: operations["post_applications_id_supplement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/supplement/{item}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** 一项补充材料只用这一个文件，替换已有的 */
        put: operations["put_applications_id_supplement_item_file"];
        post?: never;
        /** 取消一项补充材料的全部文件 */
        delete: operations["delete_applications_id_supplement_item_file"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/supplement/{item}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 为一项补充材料添加一个文件，最多 9 个；重复添加同一个文件只保存一个 */
        post: operations["post_applications_id_supplement_item_files"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/supplement/{item}/files/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 查看一项补充材料的一个文件 */
        get: operations["get_applications_id_supplement_item_files_file"];
        put?: never;
        post?: never;
        /** 删除一项补充材料的一个文件 */
        delete: operations["delete_applications_id_supplement_item_files_file"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/applications/{id}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 撤回 */
        post: operations["post_applications_id_withdrawal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/captchas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 图形验证码 */
        post: operations["post_captchas"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/city": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 平台信息 */
        get: operations["get_city"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 授权记录 */
        get: operations["get_consents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/consents/owed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 须重新同意的协议 */
        get: operations["get_consents_owed"];
        put?: never;
        /** 同意新版协议 */
        post: operations["post_consents_owed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/consents/{id}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 撤回授权 */
        post: operations["post_consents_id_withdrawal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drafts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 草稿和待核身的申请 */
        get: operations["get_drafts"];
        /** 保存草稿 */
        put: operations["put_drafts"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drafts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 删除草稿 */
        delete: operations["delete_drafts_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drafts/{id}/submission": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 立即申请 */
        post: operations["post_drafts_id_submission"];
        /** 放弃核身，退回草稿 */
        delete: operations["delete_drafts_id_submission"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 核验状态 */
        get: operations["get_face"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 用刚拍的照片核验；通过后，等待核身的融资需求随之提交 */
        post: operations["post_face_checks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/checks/latest/queries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 重新查询不明确的结果 */
        post: operations["post_face_checks_latest_queries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 单独同意 */
        post: operations["post_face_consents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/counter-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 申请柜面核验 */
        post: operations["post_face_counter_requests"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/counter-requests/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 取消柜面核验 */
        delete: operations["delete_face_counter_requests_current"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/counters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 可柜面核验的支行 */
        get: operations["get_face_counters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 别处已核验通过时，提交等待核身的融资需求 */
        post: operations["post_face_releases"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/face/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 在核验服务的页面或组件上核验；结果由平台查询 */
        post: operations["post_face_sessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/industries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 行业 */
        get: operations["get_industries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/institutions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 金融机构 */
        get: operations["get_institutions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/institutions/{id}/branches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 金融机构的支行 */
        get: operations["get_institutions_id_branches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 我的 */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 消息列表 */
        get: operations["get_messages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 全部标为已读 */
        post: operations["post_messages_readings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}/reading": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 查看一条消息，并标为已读 */
        post: operations["post_messages_id_reading"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/news": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 新闻资讯 */
        get: operations["get_news"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/news/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 资讯全文 */
        get: operations["get_news_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password-resets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 找回密码 */
        post: operations["post_password_resets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 惠企政策 */
        get: operations["get_policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 政策全文 */
        get: operations["get_policies_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 产品列表与搜索 */
        get: operations["get_products"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/filters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 筛选条件及产品数量 */
        get: operations["get_products_filters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 产品详情 */
        get: operations["get_products_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}/application-check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 核对信息 */
        get: operations["get_products_id_application_check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}/application-form": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 需求申请表 */
        get: operations["get_products_id_application_form"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}/branches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 产品的受理支行 */
        get: operations["get_products_id_branches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}/eligibility": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 准入条件核对 */
        get: operations["get_products_id_eligibility"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}/repayment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 还款试算 */
        get: operations["get_products_id_repayment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 企业信息 */
        get: operations["get_profile"];
        /** 保存企业信息 */
        put: operations["put_profile"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 发送保存用的短信验证码 */
        post: operations["post_profile_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/photos/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** 保存一张照片：licence、id_front、id_back */
        put: operations["put_profile_photos_kind"];
        post?: never;
        /** 取消一张照片 */
        delete: operations["delete_profile_photos_kind"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/photos/{kind}/readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 识别完善信息中已保存的照片：licence、id_front */
        post: operations["post_profile_photos_kind_readings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recognitions/licence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 识别营业执照，用于注册；照片不保存 */
        post: operations["post_recognitions_licence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 地区 */
        get: operations["get_regions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/registrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 注册并登录 */
        post: operations["post_registrations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scenes/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 扫码进入的页面 */
        get: operations["get_scenes_code"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/size": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 企业划型 */
        get: operations["get_size"];
        /** 填报或更正企业划型 */
        put: operations["put_size"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sms-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 发送短信验证码 */
        post: operations["post_sms_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 可订阅的消息 */
        get: operations["get_subscriptions"];
        put?: never;
        /** 记下用户允许的订阅 */
        post: operations["post_subscriptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 退出登录 */
        delete: operations["delete_tokens_current"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 账号密码登录 */
        post: operations["post_tokens_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 换新令牌 */
        post: operations["post_tokens_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/sms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 短信登录 */
        post: operations["post_tokens_sms"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/wechat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 微信登录 */
        post: operations["post_tokens_wechat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 开始上传 */
        post: operations["post_uploads"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 上传到哪里了 */
        get: operations["get_uploads_id"];
        /** 上传一段；重复的一段不会重复保存 */
        put: operations["put_uploads_id"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/wechat/phone-numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 微信手机号 */
        post: operations["post_wechat_phone_numbers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description 同意新版本. Errors of an agreement are told at `agree_<code>`. */
        AcceptAgain: {
            agreements: components["schemas"]["Tick"][];
        };
        /** @description 账号. */
        AccountView: {
            created_at: string;
            devices: components["schemas"]["DeviceLine"][];
            name: string;
            phone_masked: string;
            /** @description 网页登录. */
            sessions: components["schemas"]["DeviceLine"][];
            sign_ins: components["schemas"]["SignInLine"][];
        };
        /** @description 单独同意. */
        Agree: {
            agreement: components["schemas"]["Tick"];
        };
        /** @description 协议, without its text. */
        AgreementLine: {
            code: string;
            effective_on: string;
            short_title: string;
            /** @description 需要展示的页面, ticked there or not: 融资需求申请条款 is read on `apply` without a box. */
            shown_on: string[];
            /** @description 需要勾选的页面: `register`, `apply`, `face`. */
            ticked_on: string[];
            title: string;
            version: string;
        };
        /** @description 协议全文. */
        AgreementText: {
            /** @description Lines that begin with `## ` are headings; paragraphs are parted by blank lines. */
            body: string;
            code: string;
            effective_on: string;
            /** @description 阅读凭证: goes with the tick, on this device, for this version only. */
            receipt: string;
            short_title: string;
            title: string;
            version: string;
        };
        /** @description 补充材料: errors are told at `text_<item>` and `file_<item>`. */
        Answer: {
            answers: components["schemas"]["AnswerLine"][];
            /** @description 暂存: keep it and send it later. */
            keep?: boolean;
            note?: string;
        };
        /** @description 一项的文字说明. */
        AnswerLine: {
            /** Format: uuid */
            item: string;
            text: string;
        };
        /** @description 复议. */
        AppealView: {
            asked_at: string;
            /** @description 机构总部的说明. */
            note: string;
            status: components["schemas"]["Word"];
        };
        /**
         * @description `submitted` 提交成功, `pending_face` 接下来做人脸核验.
         * @enum {string}
         */
        AppliedState: "submitted" | "pending_face";
        /** @description 申请结果. */
        AppliedView: {
            /** Format: uuid */
            application: string;
            application_no?: string | null;
            /** @description The same click once more: nothing new was made. */
            replay: boolean;
            state: components["schemas"]["AppliedState"];
        };
        /** @description 立即申请. 409 `agreements.owed`: new versions of agreements are to be accepted first, at `/api/v1/consents/owed`. */
        Apply: {
            /** @description 仍要提交, when there is another one for the same product and branch. */
            confirm_duplicate?: boolean;
            /** Format: int32 */
            version: number;
        };
        /** @description 列表中的一条. */
        ArticleLine: {
            category: string;
            /** @description 申报截止. */
            deadline?: string | null;
            /** @description 免申即享, 快申快享 or 申报; empty for news. */
            delivery: string;
            /** Format: uuid */
            id: string;
            pinned: boolean;
            published_at: string;
            source: string;
            summary: string;
            tags: string[];
            title: string;
        };
        /** @description 列表. */
        ArticlePage: {
            items: components["schemas"]["ArticleLine"][];
            next_cursor?: string | null;
            total: number;
        };
        /** @description 全文. */
        ArticleText: components["schemas"]["ArticleLine"] & {
            /** @description 适用对象. */
            audience: string;
            body: string;
            document_no: string;
            issuer: string;
            /** @description 相关产品. */
            related_products: string[];
        };
        /** @description 图形验证码. */
        AskCaptcha: {
            /** @description 用在哪里. */
            purpose: components["schemas"]["CaptchaPurpose"];
            /** @description 图片, or a small sum in words for those who cannot see it. */
            way?: components["schemas"]["CaptchaWay"];
        };
        /** @description 短信验证码. */
        AskCode: {
            captcha: string;
            phone: string;
            purpose: components["schemas"]["CodePurpose"];
        };
        /** @description 去哪个支行. */
        AtCounter: {
            branch: string;
        };
        /** @description 一次核验. */
        Attempt: {
            at: string;
            /** @description 没有通过的原因. */
            reason?: string | null;
            status: components["schemas"]["Word"];
        };
        /** @description 开始上传. */
        Begin: {
            /**
             * Format: int32
             * @description Bytes, at most 10 MB.
             */
            size: number;
        };
        /** @description 受理支行. */
        BranchChoice: {
            address: string;
            /** Format: uuid */
            id: string;
            name: string;
            phone: string;
            /** Format: int32 */
            usual_response_hours?: number | null;
        };
        /** @description 受理支行. */
        BranchLine: {
            address: string;
            /** @description 可在柜面核验身份. */
            counter_check: boolean;
            /** Format: uuid */
            id: string;
            name: string;
            opening_hours: string;
            phone: string;
            region: string;
            /** @description 服务区县; empty: the whole city. */
            serves: string[];
            /** Format: int32 */
            usual_response_hours?: number | null;
        };
        /** @description 支行列表. */
        Branches: {
            items: components["schemas"]["BranchLine"][];
        };
        /** @description 短信登录. */
        ByCode: {
            phone: string;
            sms_code: string;
        };
        /** @description 账号密码登录. */
        ByPassword: {
            /** @description 手机号 or 统一社会信用代码. */
            account: string;
            captcha: string;
            password: string;
        };
        /** @description 联系结果 of a call that was asked for. */
        CalledBack: {
            at: string;
            by: string;
            outcome: string;
        };
        /** @description 图形验证码; the one before it is void. */
        Captcha: {
            /** @description PNG, base64. */
            picture?: string | null;
            /** @description 算式. */
            question?: string | null;
            /**
             * Format: int32
             * @description How long it may be answered.
             */
            seconds: number;
        };
        /**
         * @description `password` 账号密码登录, `sign_in` 短信登录, `register` 注册, `recover` 找回密码; signed in: `profile` 完善信息, `proof` 验证身份,
         *     `new_phone` 更换手机号.
         * @enum {string}
         */
        CaptchaPurpose: "password" | "sign_in" | "register" | "recover" | "profile" | "proof" | "new_phone";
        /**
         * @description 形式.
         * @enum {string}
         */
        CaptchaWay: "picture" | "words";
        /** @description 修改密码. */
        ChangePassword: {
            current_password: string;
            password: string;
            password_again: string;
        };
        /** @description 更换手机号. */
        ChangePhone: {
            phone: string;
            sms_code: string;
        };
        /** @description 刚拍的照片. */
        Check: {
            demo_outcome?: components["schemas"]["Demo"] | null;
            /** Format: uuid */
            upload: string;
        };
        /** @description 核对信息. */
        CheckView: {
            /** @description 万元. */
            amount: string;
            /** @description 人民币元. */
            amount_yuan: string;
            branch: components["schemas"]["BranchChoice"];
            cool_down?: components["schemas"]["CoolDownView"] | null;
            /** Format: uuid */
            draft: string;
            /** @description 同一产品和支行在办理的融资需求. */
            duplicates: string[];
            enterprise_name: string;
            face_verified: boolean;
            guarantee: components["schemas"]["Word"];
            /** @description 金融机构. */
            institution: string;
            product_name: string;
            rate: string;
            /** @description Who is given what the enterprise filled in. */
            recipient: string;
            /** Format: int32 */
            term: number;
            term_unit: components["schemas"]["Word"];
            /**
             * Format: int32
             * @description Goes back with 立即申请: what is confirmed is what was seen (S-40).
             */
            version: number;
        };
        /** @description 平台信息. */
        CityFacts: {
            /**
             * Format: int32
             * @description 接单时限, in working days.
             */
            accept_days: number;
            agreements: components["schemas"]["AgreementLine"][];
            /**
             * Format: int32
             * @description 联系时限, in working days from the submission.
             */
            contact_days: number;
            /**
             * Format: int32
             * @description 审核时限, in working days from the submission.
             */
            decision_days: number;
            default_city: string;
            default_province: string;
            hotline: string;
            hotline_hours: string;
            icp: string;
            licence_reader?: components["schemas"]["LicenceReader"] | null;
            mini_program_name: string;
            name: string;
            operator_address: string;
            operator_name: string;
            short_name: string;
            tagline: string;
        };
        /** @description 短信验证码. */
        CodeOf: {
            sms_code: string;
        };
        /**
         * @description `register` 注册, `sign_in` 登录, `recover` 找回密码.
         * @enum {string}
         */
        CodePurpose: "register" | "sign_in" | "recover";
        /** @description 一条授权. */
        Consent: {
            application_no?: string | null;
            channel: string;
            granted_at: string;
            /** Format: uuid */
            id: string;
            /** @description 用途, in words. */
            purpose: string;
            /** @description 接收方. */
            recipient: string;
            /**
             * Format: uuid
             * @description 重新授权: of this application.
             */
            renew?: string | null;
            title: string;
            version: string;
            withdrawn_at?: string | null;
        };
        /** @description 授权记录, newest first. */
        ConsentPage: {
            items: components["schemas"]["Consent"][];
            /** @description 撤回 is the owner's alone. */
            may_withdraw: boolean;
            next_cursor?: string | null;
        };
        /** @description 冷静期. */
        CoolDownView: {
            /** @description The sentence that every channel says. */
            message: string;
            reasons: string[];
            until: string;
        };
        /** @description 一处柜面. */
        CounterLine: {
            address: string;
            county: string;
            /** Format: uuid */
            id: string;
            name: string;
            phone: string;
        };
        /** @description 柜面核验申请. */
        CounterRequest: {
            branch: string;
            /** @description To be named at the counter. */
            reference: string;
            status: components["schemas"]["Word"];
        };
        /** @description 办理柜面核验的支行. */
        Counters: {
            items: components["schemas"]["CounterLine"][];
        };
        /**
         * @description 演示结果.
         * @enum {string}
         */
        Demo: "pass" | "fail" | "unclear";
        /** @description 登录设备, or 网页登录. */
        DeviceLine: {
            agent: string;
            created_at: string;
            /** @description 当前设备. */
            current: boolean;
            /** Format: uuid */
            id: string;
            ip: string;
            seen_at: string;
        };
        /** @description 提出异议. */
        Dispute: {
            /** @description 哪一项不一致; 最多 300 个字. */
            dispute: string;
        };
        /**
         * @description `draft` 草稿, `pending_face` 待核身.
         * @enum {string}
         */
        DraftState: "draft" | "pending_face";
        /** @description 草稿, or a request that waits for the face check. */
        DraftView: {
            amount: string;
            branch: string;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            product: string;
            product_name: string;
            rate: string;
            saved_at: string;
            state: components["schemas"]["DraftState"];
            term: string;
            term_unit: string;
            /** Format: int32 */
            version: number;
        };
        /** @description 草稿箱. */
        Drafts: {
            items: components["schemas"]["DraftView"][];
        };
        /** @description 原来登记的放款. */
        DrawBefore: components["schemas"]["DrawFacts"] & {
            corrected_at?: string | null;
            /** @description 更正原因. */
            reason: string;
        };
        /** @description 放款内容. */
        DrawFacts: {
            /** @description 放款金额, 万元. */
            amount: string;
            /** @description The same in 元. */
            amount_yuan: string;
            /** @description 合同编号. */
            contract_no: string;
            /** @description 放款日期. */
            drawn_on: string;
            /** @description 到期日期. */
            due_on?: string | null;
            /** @description 执行利率, %/年. */
            rate: string;
        };
        /** @description 一笔放款. */
        DrawView: components["schemas"]["DrawFacts"] & {
            answer?: components["schemas"]["Words"] | null;
            /** @description 已更正: what it said before, oldest first. */
            corrections: components["schemas"]["DrawBefore"][];
            dispute?: components["schemas"]["Words"] | null;
            /** Format: uuid */
            id: string;
            /** @description 可以确认无误. */
            may_confirm: boolean;
            /** @description 可以提出异议: once for each draw. */
            may_dispute: boolean;
            /** Format: int32 */
            number: number;
            state: components["schemas"]["Word"];
        };
        /** @description 退出了几处. */
        Ended: {
            /** Format: int64 */
            ended: number;
        };
        /**
         * @description `passed` 通过, `failed` 没有通过, `unclear` 结果还不知道: asked again later, never a success; `away` 在核验服务的页面或组件上继续,
         *     `pending` 还没有完成, `ended` 没有比对就结束了, counts for nothing.
         * @enum {string}
         */
        FaceResult: "passed" | "failed" | "unclear" | "away" | "pending" | "ended";
        /** @description 核验状态. */
        FaceView: {
            /** Format: int32 */
            attempts_left: number;
            /** @description 已单独同意. */
            consented: boolean;
            counter?: components["schemas"]["CounterRequest"] | null;
            /** @description The provider compares nothing. */
            demo: boolean;
            enterprise_name: string;
            latest?: components["schemas"]["Attempt"] | null;
            /** @description Masked name of the legal representative. */
            person: string;
            profile_complete: boolean;
            provider_name: string;
            verified: boolean;
            verified_at?: string | null;
            /** @description `photo` 拍照比对, `away` 在核验服务的页面或组件上, `nowhere` 不在小程序中办理. */
            way: components["schemas"]["Way"];
        };
        /** @description 收费项目. */
        FeeLine: {
            name: string;
            rule: string;
        };
        /** @description 一个需要修改的字段. */
        FieldProblem: {
            code: string;
            detail: string;
            field: string;
        };
        /** @description 一组筛选条件. */
        FilterGroup: {
            /** @description The parameter of the list of products. */
            code: string;
            label: string;
            options: components["schemas"]["FilterOption"][];
        };
        /** @description 一项筛选条件. */
        FilterOption: {
            code: string;
            label: string;
            /** @description How many products it would leave, all other filters kept. */
            products: number;
        };
        /** @description 筛选条件. */
        Filters: {
            groups: components["schemas"]["FilterGroup"][];
            /** @description How many products fit what is chosen. */
            total: number;
        };
        /** @description 需求申请. */
        Form: {
            branches: components["schemas"]["BranchChoice"][];
            cool_down?: components["schemas"]["CoolDownView"] | null;
            /** Format: uuid */
            draft?: string | null;
            face_verified: boolean;
            /** @description 账户冻结: nothing new may be submitted; drafts are kept. */
            frozen: boolean;
            offer?: components["schemas"]["OfferView"] | null;
            /** Format: uuid */
            product: string;
            product_name: string;
            profile_complete: boolean;
            typed: components["schemas"]["TypedView"];
        };
        /** @description 用哪个上传. */
        FromUpload: {
            /** Format: uuid */
            upload: string;
        };
        /** @description 放弃额度. */
        GiveUpLoan: {
            /** @description 最多 200 个字, 受理支行可以看到. */
            give_up_reason?: string;
        };
        /** @description 用户点了允许的模板. */
        Granted: {
            template_ids: string[];
        };
        /** @description 下级列表. */
        Industries: {
            items: components["schemas"]["Industry"][];
        };
        /** @description 行业. */
        Industry: {
            code: string;
            has_children: boolean;
            name: string;
        };
        /** @description 金融机构. */
        InstitutionLine: {
            address: string;
            /** @description 金控产品 are this institution's. */
            holding: boolean;
            hotline: string;
            /** Format: uuid */
            id: string;
            intro: string;
            kind: string;
            mark: string;
            name: string;
            products: number;
            short_name: string;
        };
        /** @description 所属机构. */
        InstitutionMark: {
            /** Format: uuid */
            id: string;
            mark: string;
            name: string;
        };
        /** @description 机构列表. */
        Institutions: {
            items: components["schemas"]["InstitutionLine"][];
        };
        /** @description 照片已保存. */
        Kept: {
            /** Format: uuid */
            file: string;
        };
        /** @description 须重新授权的协议: the texts of now whose consent for an application under way was withdrawn; each at `/api/v1/agreements/{code}`. */
        LapsedTexts: {
            application_no: string;
            /** @description 授权给. */
            recipient: string;
            texts: components["schemas"]["AgreementLine"][];
        };
        /** @description 一条留言. */
        Letter: {
            at: string;
            author: string;
            body: string;
            called?: components["schemas"]["CalledBack"] | null;
            /**
             * Format: uuid
             * @description Opened at `/api/v1/applications/{id}/letters/files/{file}`.
             */
            file?: string | null;
            /** Format: uuid */
            id: string;
            /** @description `text` 留言, `file` 文件, `call_request` 请求回电. */
            kind: components["schemas"]["Word"];
            /** @description By the other side. */
            read: boolean;
            /** @description `enterprise` 企业, `bank` 受理支行. */
            side: components["schemas"]["Word"];
        };
        /** @description 沟通记录, oldest first: the latest 200. */
        Letters: {
            items: components["schemas"]["Letter"][];
            /** @description 可以继续留言. */
            may_write: boolean;
        };
        /** @description 营业执照识别. */
        LicenceReader: {
            /** @description Who gets the photo, where it does not stay with the platform: to be told before it is taken. */
            third_party?: string | null;
        };
        /** @description 放款与还款 of a request that was granted. */
        LoanView: {
            application_no: string;
            /** @description 额度有效期至. */
            approval_valid_until?: string | null;
            /** @description 批准金额, 万元. */
            approved_amount?: string | null;
            /** @description 批准利率, %/年. */
            approved_rate?: string | null;
            /** Format: int32 */
            approved_term?: number | null;
            approved_term_unit?: components["schemas"]["Word"] | null;
            /** @description 放款状态. */
            disbursement: components["schemas"]["Word"];
            /** @description 累计放款, 万元. */
            drawn: string;
            draws: components["schemas"]["DrawView"][];
            /** @description 受理支行. */
            institution: string;
            /** @description 可以放弃额度. */
            may_give_up: boolean;
            /** @description 待还本金, 元. */
            owed_yuan: string;
            repayments: components["schemas"]["RepaymentView"][];
        };
        /** @description `wx.login` 的 code, and the app id it is from. */
        Login: {
            app_id: string;
            /** @description Five minutes, once. */
            code: string;
        };
        /** @description 我的. */
        Me: {
            /**
             * Format: uuid
             * @description Stays the same whatever the person changes.
             */
            account: string;
            enterprise_name: string;
            face_verified: boolean;
            /** @description 身份验证 is at most five minutes old. */
            freshly_proved: boolean;
            /** @description 还缺的内容. */
            missing: components["schemas"]["Word"][];
            phone_masked: string;
            /** @description 已完善; while false, 我的企业 carries the ！ (M-802). */
            profile_complete: boolean;
            /** @description 角色. */
            roles: components["schemas"]["Word"][];
            /** Format: int64 */
            unread_messages: number;
        };
        /** @description 一条消息. */
        Message: {
            at: string;
            body: string;
            /** Format: uuid */
            id: string;
            /** @description The page of the web that it is about, such as `/enterprise/applications/<id>`. */
            link: string;
            read: boolean;
            title: string;
        };
        /** @description 消息列表, newest first. */
        MessagePage: {
            items: components["schemas"]["Message"][];
            next_cursor?: string | null;
            /** Format: int64 */
            unread: number;
        };
        /** @description 答复转派. */
        MoveAnswer: {
            /** @description 同意 or 不同意. */
            agreed: boolean;
            /** @description 说明; 最多 300 个字. */
            move_note?: string;
        };
        /** @description 转派征询: the bank asks whether another branch may take over. */
        MoveQuestion: {
            asked_at: string;
            /** @description 转派原因. */
            reason: string;
            /** @description 转到支行. */
            to_branch: string;
        };
        /** @description 发送. */
        NewLetter: {
            /** @description 最多 1000 个字; may be empty beside a file or a request for a call. */
            body?: string;
            kind?: components["schemas"]["NewLetterKind"];
            /**
             * Format: uuid
             * @description A whole upload, sent along.
             */
            upload?: string | null;
        };
        /**
         * @description `text` 留言, `call_request` 请求回电.
         * @enum {string}
         */
        NewLetterKind: "text" | "call_request";
        /** @description 新手机号. */
        NewPhone: {
            captcha: string;
            phone: string;
        };
        /** @description The access token that goes on from here; the one before is dead (S-13). */
        NextAccess: {
            access_token: string;
            /** Format: int64 */
            expires_in: number;
        };
        /**
         * @description `fix` 需要修改, `profile` 先完善信息, `apply` 可以立即申请; the face check comes afterwards (M-707).
         * @enum {string}
         */
        NextStep: "fix" | "profile" | "apply";
        /** @description 一种订阅消息. */
        OfferLine: {
            /**
             * Format: int32
             * @description 还可以收到几条.
             */
            left: number;
            template: string;
            /** @description For `wx.requestSubscribeMessage`. */
            template_id: string;
        };
        /** @description 产品要求. */
        OfferView: {
            amount_max: string;
            /** @description 万元. */
            amount_min: string;
            guarantee: components["schemas"]["Word"];
            institution: string;
            rate_max: string;
            rate_min: string;
            /** Format: int32 */
            term_max: number;
            /** Format: int32 */
            term_min: number;
            term_unit: components["schemas"]["Word"];
            /** Format: int32 */
            version: number;
        };
        /** @description 可订阅的消息. */
        Offers: {
            items: components["schemas"]["OfferLine"][];
        };
        /** @description 核验结果. */
        Outcome: {
            /** Format: int32 */
            attempts_left?: number | null;
            /** @description 没有通过时的提示. */
            message?: string | null;
            /** @description 核验服务的页面, when the person goes on there. */
            page?: string | null;
            result: components["schemas"]["FaceResult"];
            /** @description Something changed meanwhile: a draft again. */
            returned: components["schemas"]["Returned"][];
            /** @description 随之提交成功的融资需求 (M-709). */
            submitted: components["schemas"]["Released"][];
            /** @description What the provider's component in the mini-program wants. */
            token?: string | null;
        };
        /** @description 一份有新版本的协议; its text is at `/api/v1/agreements/{code}`. */
        OwedText: {
            /** @description 修订说明. */
            change_note: string;
            code: string;
            effective_on: string;
            short_title: string;
            title: string;
            version: string;
        };
        /** @description 须重新同意的协议: new versions of what this person accepted before, to be read and accepted before a request is submitted. */
        OwedTexts: {
            items: components["schemas"]["OwedText"][];
        };
        /** @description 评价受理支行. */
        OwnRating: {
            application_no: string;
            /** @description 受理支行. */
            institution: string;
            /** @description 可以评价. */
            may_rate: boolean;
            rating?: components["schemas"]["RatingView"] | null;
        };
        /** @description 一期还款, in 人民币元. */
        PaymentLine: {
            interest: string;
            /** @description 剩余本金. */
            left: string;
            /** Format: int32 */
            month: number;
            payment: string;
            principal: string;
        };
        /** @description 手机号快速验证的 code. */
        PhoneCode: {
            code: string;
        };
        /** @description 手机号, to fill the form with; the message code proves it all the same (A-23). */
        PhoneFound: {
            phone: string;
        };
        /** @description 已上传的照片. */
        Photo: {
            at: string;
            /** Format: uuid */
            id: string;
            /** @description 营业执照, 身份证正面 or 反面. */
            kind: components["schemas"]["Word"];
            media_type: string;
            /** Format: int32 */
            size: number;
        };
        /** @description 问题: why a request was not done. */
        Problem: {
            /** @description 错误码, stable. */
            code: string;
            /** @description 提示, to be shown as it is. */
            detail: string;
            /** @description 需要修改的字段. */
            errors: components["schemas"]["FieldProblem"][];
            /** @description 请求编号, for asking the hotline. */
            request_id: string;
            /** Format: int32 */
            status: number;
            title: string;
            /** @description `urn:yijianrong:problem:<code>`. */
            type: string;
        };
        /** @description 产品卡片. */
        ProductCard: {
            amount_max: string;
            /** @description 万元. */
            amount_min: string;
            /** @description 推荐. */
            featured: boolean;
            guarantee: components["schemas"]["Word"];
            /** Format: uuid */
            id: string;
            institution: components["schemas"]["InstitutionMark"];
            name: string;
            rate_max: string;
            /** @description `3.75`, in percent a year. */
            rate_min: string;
            /** @description 参考年利率, 参考年化利率 or 担保费率. */
            rate_term: components["schemas"]["Word"];
            /** @description 首贷, 续贷. */
            tags: string[];
            /** Format: int32 */
            term_max: number;
            /** Format: int32 */
            term_min: number;
            term_unit: components["schemas"]["Word"];
        };
        /** @description 产品详情. */
        ProductDetail: components["schemas"]["ProductCard"] & {
            collateral: string[];
            /** @description 还款方式 that can be computed beforehand; none for a guarantor's fee. */
            computed_methods: components["schemas"]["Word"][];
            conditions: string[];
            documents: string[];
            eligibility: string;
            fees: components["schemas"]["FeeLine"][];
            financing_type: components["schemas"]["Word"];
            highlights: string[];
            intro: string;
            published_at?: string | null;
            purposes: components["schemas"]["Word"][];
            rate_type: components["schemas"]["Word"];
            repayment_methods: components["schemas"]["Word"][];
            /**
             * Format: int32
             * @description Working days until the branch answers.
             */
            response_days?: number | null;
            /** @description 准入条件, as sentences. */
            rules: string[];
            /** Format: int32 */
            version: number;
        };
        /** @description 产品列表. */
        ProductPage: {
            items: components["schemas"]["ProductCard"][];
            next_cursor?: string | null;
            total: number;
        };
        /** @description 企业信息. Numbers of persons are masked; an empty one in a save keeps what is stored. */
        Profile: {
            address: string;
            complete: boolean;
            contact_phone_masked?: string | null;
            email?: string | null;
            face_verified: boolean;
            /** @description 产业, 大类, 中类. */
            industry: components["schemas"]["Word"][];
            legal_id_masked?: string | null;
            legal_representative: string;
            /** @description 企业管理员 saves; others read. */
            may_save: boolean;
            missing: components["schemas"]["Word"][];
            name: string;
            /** @description Where the code goes. */
            phone_masked: string;
            photos: components["schemas"]["Photo"][];
            /** Format: uuid */
            recommender?: string | null;
            /** @description 推荐机构 to choose from. */
            recommenders: components["schemas"]["Recommender"][];
            /** @description From the province down. */
            region: components["schemas"]["Word"][];
            /** @description 万元. */
            registered_capital?: string | null;
            unified_social_credit_code: string;
            /**
             * Format: int32
             * @description 版本: goes back with a save.
             */
            version: number;
        };
        /** @description 时限. */
        PromiseView: {
            due?: string | null;
            kind: string;
        };
        /** @description 提交评价. */
        RateBranch: {
            /**
             * Format: int32
             * @description 费用与条件透明.
             */
            openness: number;
            /** @description 评价内容; 最多 500 个字. */
            rating_words?: string;
            /**
             * Format: int32
             * @description 服务态度.
             */
            service: number;
            /**
             * Format: int32
             * @description 办理效率, 1 很不满意 to 5 很满意.
             */
            speed: number;
        };
        /** @description 您的评价. */
        RatingView: {
            /** @description 平台隐藏的原因; `null`: it stands. */
            hidden?: string | null;
            /** @description 评价的支行. */
            institution: string;
            /**
             * Format: int32
             * @description 费用与条件透明.
             */
            openness: number;
            rated_at: string;
            /** @description 机构回复. */
            reply?: string | null;
            /**
             * Format: int32
             * @description 服务态度.
             */
            service: number;
            /**
             * Format: int32
             * @description 办理效率, 1 to 5.
             */
            speed: number;
            words: string;
        };
        /** @description 有几条标为已读. */
        Read: {
            /** Format: int64 */
            read: number;
        };
        /** @description 一个识别出的字段. */
        ReadField: {
            /** @description `name` 企业名称, `unified_social_credit_code`, `registered_capital`, `legal_representative`, `address`, `legal_id`. */
            field: string;
            /** @description `false`: 请核对. */
            sure: boolean;
            value: string;
        };
        /** @description 识别结果; what was not read is typed by hand. */
        Reading: {
            items: components["schemas"]["ReadField"][];
            /** @description 识别由第三方完成时的名称. */
            third_party?: string | null;
        };
        /** @description 推荐机构. */
        Recommender: {
            /** Format: uuid */
            id: string;
            name: string;
        };
        /** @description 申请复议. */
        Reconsider: {
            /** @description 新情况说明; 最多 1000 个字. */
            facts: string;
        };
        /**
         * @description `withdraw` 撤回, `supplement` 补充, `answer_move` 答复转派, `answer_draw` 答复放款, `give_up` 放弃, `reconsider` 复议, `apply_again` 再次申请, `rate` 评价.
         * @enum {string}
         */
        RecordDeed: "withdraw" | "supplement" | "answer_move" | "answer_draw" | "give_up" | "reconsider" | "apply_again" | "rate";
        /** @description 申请详情. */
        RecordDetail: components["schemas"]["RecordLine"] & {
            appeal?: components["schemas"]["AppealView"] | null;
            /** @description 可以申请复议的期限. */
            appeal_until?: string | null;
            /** @description 额度有效期至. */
            approval_valid_until?: string | null;
            /** @description What was asked, where the bank approved other terms. */
            asked_amount: string;
            asked_rate: string;
            /** Format: int32 */
            asked_term: number;
            /** @description 授权已撤回: the branch may go on with it only after 重新授权. */
            consent_withdrawn: boolean;
            /** @description 可以办理的事项: of this person, as the request stands. */
            deeds: components["schemas"]["RecordDeed"][];
            disbursement?: components["schemas"]["Word"] | null;
            /** @description 放款记录, in order; more of the loan is at `/api/v1/applications/{id}/loan`. */
            draws: components["schemas"]["DrawView"][];
            /** @description 可以重新授权. */
            may_renew: boolean;
            /** @description 可以撤回; the same as `withdraw` among the deeds. */
            may_withdraw: boolean;
            move_asked?: components["schemas"]["MoveQuestion"] | null;
            /** @description 还在走的时限. */
            promises: components["schemas"]["PromiseView"][];
            /** @description 已评价. */
            rated: boolean;
            refusal?: components["schemas"]["RefusalView"] | null;
            supplement?: components["schemas"]["Supplement"] | null;
            timeline: components["schemas"]["TimelineEvent"][];
            /**
             * Format: int64
             * @description 未读留言.
             */
            unread_letters: number;
            /** Format: int32 */
            version: number;
        };
        /** @description 一条申请记录: M-502 to M-513. */
        RecordLine: {
            /** @description 融资金额 (万): approved where decided, else asked. */
            amount: string;
            application_no: string;
            applied_at: string;
            enterprise_name: string;
            /** Format: uuid */
            id: string;
            /** @description 机构. */
            institution: string;
            intake_status: components["schemas"]["Word"];
            /** Format: uuid */
            product: string;
            product_name: string;
            /** @description 利率 (%). */
            rate: string;
            /** @description `-` when there is none. */
            review_opinion: string;
            review_status: components["schemas"]["Word"];
            /** Format: int32 */
            term: number;
            term_unit: components["schemas"]["Word"];
        };
        /** @description 申请记录, newest first. */
        RecordPage: {
            items: components["schemas"]["RecordLine"][];
            next_cursor?: string | null;
        };
        /** @description 核验编号. */
        Reference: {
            reference: string;
        };
        /** @description 换新令牌. */
        Refresh: {
            refresh_token: string;
        };
        /** @description 一条不通过原因. */
        RefusalReason: {
            label: string;
            /** @description 怎样补救. */
            tip: string;
        };
        /** @description 审核未通过: why, what may be done about it, and from when on. */
        RefusalView: {
            /** @description 可再次申请同一产品的日期; `null`: now. */
            again_from?: string | null;
            /** @description 审核意见. */
            opinion: string;
            reasons: components["schemas"]["RefusalReason"][];
        };
        /** @description 地区. */
        Region: {
            code: string;
            has_children: boolean;
            /**
             * Format: int32
             * @description 1 省, 2 市, 3 县区, 4 乡镇.
             */
            level: number;
            name: string;
        };
        /** @description 下级列表. */
        Regions: {
            items: components["schemas"]["Region"][];
        };
        /** @description 用户注册 (M-104 to M-114). Errors of an agreement are told at `agree_<code>`. */
        Register: {
            agreements: components["schemas"]["Tick"][];
            company_name: string;
            legal_representative: string;
            password: string;
            password_again: string;
            phone: string;
            /** @description 地区代码, from the province down to the last one there is. */
            region: string[];
            sms_code: string;
        };
        /** @description 提交成功. */
        Released: {
            /** Format: uuid */
            application: string;
            application_no: string;
        };
        /** @description 重新授权. Errors of an agreement are told at `agree_<code>`. */
        Renew: {
            agreements: components["schemas"]["Tick"][];
        };
        /** @description 还款试算, in 人民币元: an estimate, the contract decides. */
        Repayment: {
            /** @description 首月还款. */
            first: string;
            /** @description 利息合计. */
            interest: string;
            /** @description 末月还款. */
            last: string;
            /** @description The first twelve payments. */
            payments: components["schemas"]["PaymentLine"][];
            /** @description 期数. */
            periods: number;
            /** @description 本息合计. */
            total: string;
        };
        /** @description 原来登记的还款. */
        RepaymentBefore: {
            corrected_at?: string | null;
            principal_yuan: string;
            /** @description 更正原因. */
            reason: string;
            repaid_on: string;
        };
        /** @description 一笔还款. */
        RepaymentView: {
            /** @description 待还本金 afterwards, 元. */
            balance_yuan: string;
            /** @description 已更正: what it said before, oldest first. */
            corrections: components["schemas"]["RepaymentBefore"][];
            /** Format: uuid */
            id: string;
            /** @description 归还本金, 元. */
            principal_yuan: string;
            /** @description 还款日期. */
            repaid_on: string;
        };
        /** @description 找回密码; every device and session ends. */
        Reset: {
            password: string;
            password_again: string;
            phone: string;
            sms_code: string;
        };
        /** @description 退回草稿. */
        Returned: {
            /** Format: uuid */
            application: string;
            code: string;
            message: string;
        };
        /** @description 一项准入条件. */
        RuleLine: {
            text: string;
            verdict?: components["schemas"]["Word"] | null;
        };
        /** @description 保存 (M-408 to M-421). */
        Save: {
            address: string;
            /** @description 法定代表人联系电话; empty keeps the stored one. */
            contact_phone: string;
            email: string;
            industry: string[];
            /** @description 法定代表人身份证号; empty keeps the stored one. */
            legal_id: string;
            legal_representative: string;
            name: string;
            /** @description Becomes the one to sign in with (A-05). */
            password: string;
            password_again: string;
            /** @description Empty: none. */
            recommender: string;
            region: string[];
            /** @description 万元; empty when it is not told. */
            registered_capital: string;
            sms_code: string;
            unified_social_credit_code: string;
            /** Format: int32 */
            version: number;
        };
        /** @description 保存草稿. */
        SaveDraft: {
            /** Format: uuid */
            again?: string | null;
            agreements: components["schemas"]["Tick"][];
            /** @description 期望融资金额, 万元. */
            amount: string;
            /** @description 受理支行. */
            branch: string;
            /** Format: uuid */
            product: string;
            /** @description 期望融资利率, %/年. */
            rate: string;
            /** @description 期望融资期限. */
            term: string;
        };
        /** @description 已保存. */
        Saved: {
            face_verified: boolean;
            /** @description 人脸核验 starts anew. */
            representative_changed: boolean;
        };
        /** @description 草稿已保存, whatever is wrong with it. */
        SavedDraft: {
            /** Format: uuid */
            draft: string;
            next: components["schemas"]["NextStep"];
            problems: components["schemas"]["FieldProblem"][];
        };
        /**
         * @description `register` 注册, `branch` 支行, `product` 产品.
         * @enum {string}
         */
        SceneKind: "register" | "branch" | "product";
        /** @description 扫码进入的页面. */
        SceneView: {
            /** Format: uuid */
            branch?: string | null;
            branch_name?: string | null;
            /** Format: uuid */
            institution?: string | null;
            institution_name?: string | null;
            kind: components["schemas"]["SceneKind"];
            /** Format: uuid */
            product?: string | null;
        };
        /** @description 已发送, as far as anybody may know. */
        Sent: {
            phone_masked: string;
            /**
             * Format: int32
             * @description Until another one may be asked for.
             */
            wait_seconds: number;
        };
        /** @description 登录记录. */
        SignInLine: {
            agent: string;
            at: string;
            ip: string;
            /** @description `ok`, `wrong_password`, `blocked`. */
            outcome: string;
        };
        /** @description 企业划型 as it stands. */
        Size: {
            /** @description What is to be declared, each of it required, with its thresholds; empty without a standard. */
            figures: components["schemas"]["SizeFigure"][];
            /** @description 填报记录, the latest first. */
            history: components["schemas"]["SizeEntry"][];
            /** @description 所属行业, in words; empty before 完善信息. */
            industry: string;
            /** @description Another standard holds than the one that the last declaration followed. */
            industry_changed: boolean;
            /** @description 企业管理员 declares; others read. */
            may_save: boolean;
            result?: components["schemas"]["SizeResult"] | null;
            /** @description Name of the standard, such as 工业; empty without one. */
            standard: string;
            /** @description `no_industry`: 完善信息 comes first; `no_rule`: the industry has no standard, nothing is to be declared; `ready`. */
            state: string;
            /**
             * Format: int32
             * @description 版本: goes back with a declaration; 0 while nothing is declared for this year.
             */
            version: number;
            /**
             * Format: int32
             * @description The year that is declared now.
             */
            year: number;
        };
        /** @description 一次填报. */
        SizeEntry: {
            /** @description 万元. */
            assets?: string | null;
            class: components["schemas"]["Word"];
            declared_at: string;
            declared_by: string;
            /** @description 人; none where the industry did not ask for it. */
            employees?: string | null;
            /**
             * Format: int32
             * @description 1: the first of the year; more: a correction.
             */
            number: number;
            /** @description 万元. */
            revenue?: string | null;
            /** Format: int32 */
            year: number;
        };
        /** @description 一项划型指标. */
        SizeFigure: {
            /** @description `employees`, `revenue` or `assets`: the name of its field. */
            metric: components["schemas"]["Word"];
            /** @description 大型, 中型, 小型, 微型 with what each of them takes. */
            ranges: components["schemas"]["SizeRange"][];
            /** @description 人 or 万元. */
            unit: string;
            /** @description As declared this year; empty before. */
            value: string;
        };
        /** @description 一档. */
        SizeRange: {
            class: components["schemas"]["Word"];
            words: string;
        };
        /** @description 划型结果. */
        SizeResult: {
            class: components["schemas"]["Word"];
            /** @description The figures reached different classes, and the lowest one decided. */
            lowered: boolean;
            /** @description What each figure reached. */
            reasons: string[];
            /** @description The thresholds that led to the class, as a sentence; empty once another standard holds. */
            words: string;
            /** Format: int32 */
            year: number;
        };
        /** @description 填报. What the industry does not ask for is left empty; it is not kept. */
        SizeSave: {
            /** @description 资产总额, 万元. */
            assets: string;
            /** @description 从业人员, 人. */
            employees: string;
            /** @description 上一年度营业收入, 万元. */
            revenue: string;
            /** Format: int32 */
            version: number;
        };
        /** @description 已填报. */
        SizeSaved: {
            class: components["schemas"]["Word"];
            /** Format: int32 */
            year: number;
        };
        /** @description 图形验证码的答案. */
        Solved: {
            captcha: string;
        };
        /** @description 准入条件核对. */
        Standing: {
            /** @description False: 完善信息 comes first, and nothing is compared. */
            compared: boolean;
            items: components["schemas"]["RuleLine"][];
        };
        /** @description 补充清单. */
        Supplement: {
            due?: string | null;
            items: components["schemas"]["SupplementLine"][];
            note: string;
            /** Format: int32 */
            round: number;
        };
        /** @description 补充材料的一个文件. */
        SupplementFile: {
            added_at?: string | null;
            /** Format: uuid */
            id: string;
            /** @description Empty when the file is gone: it has to be removed before the answer is sent. */
            media_type: string;
            /**
             * Format: int32
             * @description Bytes.
             */
            size: number;
        };
        /** @description 需要补充的一项. */
        SupplementLine: {
            answer: string;
            /**
             * Format: uuid
             * @description The first of `files`.
             */
            file?: string | null;
            /** @description 文件, in order. */
            files: components["schemas"]["SupplementFile"][];
            hint: string;
            /** Format: uuid */
            id: string;
            label: string;
            required: boolean;
        };
        /** @description 勾选的协议: the tick, and the receipt of having opened the text. */
        Tick: {
            code: string;
            /** @description 阅读凭证. */
            receipt: string;
            ticked: boolean;
        };
        /** @description 进度中的一步. */
        TimelineEvent: {
            actor: string;
            at: string;
            event: components["schemas"]["Word"];
            intake_status?: components["schemas"]["Word"] | null;
            note: string;
            reasons: string[];
            review_status?: components["schemas"]["Word"] | null;
        };
        /** @description 令牌. */
        Tokens: {
            access_token: string;
            /**
             * Format: int64
             * @description Seconds.
             */
            expires_in: number;
            /** Format: int64 */
            refresh_expires_in: number;
            /** @description Works once. */
            refresh_token: string;
        };
        /** @description 填写的内容, right or not. */
        TypedView: {
            /** @description 已勾选的协议, `code@version`. */
            agreed: string[];
            amount: string;
            branch: string;
            rate: string;
            term: string;
        };
        /** @description 上传到哪里了. */
        UploadState: {
            complete: boolean;
            expires_at: string;
            /** Format: uuid */
            id: string;
            /**
             * Format: int32
             * @description 已收到的字节数: where the next piece begins.
             */
            offset: number;
            /** @description Bytes of a piece at most. */
            piece_most: number;
            /** Format: int32 */
            size: number;
        };
        /**
         * @description 核验方式 on the phone.
         * @enum {string}
         */
        Way: "photo" | "away" | "nowhere";
        /** @description 微信登录的结果. */
        WechatSignIn: {
            state: components["schemas"]["WechatState"];
            tokens?: components["schemas"]["Tokens"] | null;
        };
        /**
         * @description `signed_in` 已登录; `unbound` 还没有绑定账号: register or sign in, then bind with a fresh code.
         * @enum {string}
         */
        WechatState: "signed_in" | "unbound";
        /** @description 撤回. */
        Withdraw: {
            reason?: string;
        };
        /** @description 已撤回. */
        Withdrawn: {
            application_no: string;
        };
        /** @description 代码与名称: `code` is stable, `label` is what people read. */
        Word: {
            code: string;
            label: string;
        };
        /** @description 说的话. */
        Words: {
            at: string;
            words: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountView"];
                };
            };
        };
    };
    post_account_captchas: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskCaptcha"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Captcha"];
                };
            };
        };
    };
    delete_account_devices_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_account_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_account_phone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePhone"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_account_phone_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPhone"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sent"];
                };
            };
        };
    };
    post_account_proof_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Solved"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sent"];
                };
            };
        };
    };
    post_account_proofs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeOf"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextAccess"];
                };
            };
        };
    };
    delete_account_sessions_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_account_sign_outs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ended"];
                };
            };
        };
    };
    post_account_wechat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_account_wechat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_agreements_code: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 代码 */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgreementText"];
                };
            };
        };
    };
    get_applications: {
        parameters: {
            query?: {
                /** @description 申请编号, 产品 or 机构. */
                words?: string | null;
                /** @description 接单状态. */
                intake_status?: string | null;
                /** @description 审核状态. */
                review_status?: string | null;
                /** @description 上一页的 next_cursor. */
                cursor?: string | null;
                /** @description 每页条数, 1 to 50. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordPage"];
                };
            };
        };
    };
    get_applications_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordDetail"];
                };
            };
        };
    };
    get_applications_id_consents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LapsedTexts"];
                };
            };
        };
    };
    post_applications_id_consents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Renew"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_applications_id_letters: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Letters"];
                };
            };
        };
    };
    post_applications_id_letters: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLetter"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_applications_id_letters_files_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 文件 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                    "image/jpeg": string;
                };
            };
        };
    };
    post_applications_id_letters_readings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_applications_id_loan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoanView"];
                };
            };
        };
    };
    post_applications_id_loan_draws_draw_confirmation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                draw: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_applications_id_loan_draws_draw_dispute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                draw: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Dispute"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_applications_id_loan_giving_up: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GiveUpLoan"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_applications_id_move: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveAnswer"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_applications_id_rating: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnRating"];
                };
            };
        };
    };
    post_applications_id_rating: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RateBranch"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_applications_id_reconsideration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reconsider"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_applications_id_supplement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Answer"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_applications_id_supplement_item_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                item: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FromUpload"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kept"];
                };
            };
        };
    };
    delete_applications_id_supplement_item_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                item: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_applications_id_supplement_item_files: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                item: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FromUpload"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kept"];
                };
            };
        };
    };
    get_applications_id_supplement_item_files_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                item: string;
                /** @description 编号 */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 文件 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                    "image/jpeg": string;
                };
            };
        };
    };
    delete_applications_id_supplement_item_files_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
                /** @description 编号 */
                item: string;
                /** @description 编号 */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_applications_id_withdrawal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Withdraw"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
        };
    };
    post_captchas: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskCaptcha"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Captcha"];
                };
            };
        };
    };
    get_city: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CityFacts"];
                };
            };
        };
    };
    get_consents: {
        parameters: {
            query?: {
                /** @description 上一页的 next_cursor. */
                cursor?: string | null;
                /** @description 每页条数, 1 to 50. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsentPage"];
                };
            };
        };
    };
    get_consents_owed: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwedTexts"];
                };
            };
        };
    };
    post_consents_owed: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptAgain"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_consents_id_withdrawal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_drafts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drafts"];
                };
            };
        };
    };
    put_drafts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SaveDraft"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedDraft"];
                };
            };
        };
    };
    delete_drafts_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_drafts_id_submission: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Apply"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppliedView"];
                };
            };
        };
    };
    delete_drafts_id_submission: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_face: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FaceView"];
                };
            };
        };
    };
    post_face_checks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Check"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outcome"];
                };
            };
        };
    };
    post_face_checks_latest_queries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outcome"];
                };
            };
        };
    };
    post_face_consents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Agree"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_face_counter_requests: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AtCounter"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reference"];
                };
            };
        };
    };
    delete_face_counter_requests_current: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_face_counters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Counters"];
                };
            };
        };
    };
    post_face_releases: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outcome"];
                };
            };
        };
    };
    post_face_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outcome"];
                };
            };
        };
    };
    get_industries: {
        parameters: {
            query?: {
                /** @description 上级代码; the first level without one. */
                parent?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Industries"];
                };
            };
        };
    };
    get_institutions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Institutions"];
                };
            };
        };
    };
    get_institutions_id_branches: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Branches"];
                };
            };
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    get_messages: {
        parameters: {
            query?: {
                /** @description 只看未读. */
                unread?: boolean | null;
                /** @description 上一页的 next_cursor. */
                cursor?: string | null;
                /** @description 每页条数, 1 to 50. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
        };
    };
    post_messages_readings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Read"];
                };
            };
        };
    };
    post_messages_id_reading: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    get_news: {
        parameters: {
            query?: {
                /** @description 关键字. */
                words?: string | null;
                /** @description 上一页的 next_cursor. */
                cursor?: string | null;
                /** @description 每页条数, 1 to 50. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArticlePage"];
                };
            };
        };
    };
    get_news_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArticleText"];
                };
            };
        };
    };
    post_password_resets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reset"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_policies: {
        parameters: {
            query?: {
                /** @description 关键字. */
                words?: string | null;
                /** @description 上一页的 next_cursor. */
                cursor?: string | null;
                /** @description 每页条数, 1 to 50. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArticlePage"];
                };
            };
        };
    };
    get_policies_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArticleText"];
                };
            };
        };
    };
    get_products: {
        parameters: {
            query?: {
                /** @description 关键字: product, institution, 担保方式. */
                words?: string | null;
                /** @description 金融机构. */
                institution?: string | null;
                /** @description 担保方式. */
                guarantee?: string | null;
                /** @description 我需要, in 万元. */
                amount?: string | null;
                /** @description 额度, in 万元. */
                band?: string | null;
                /** @description 期限, in months. */
                term?: string | null;
                /** @description 利率, in percent a year. */
                rate?: string | null;
                /** @description 首贷/续贷. */
                lane?: string | null;
                /** @description 适用行业: a section of the national list. */
                industry?: string | null;
                /** @description 服务区县. */
                county?: string | null;
                /** @description 排序. */
                sort?: string | null;
                /** @description 上一页的 next_cursor. */
                cursor?: string | null;
                /** @description 每页条数, 1 to 50. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductPage"];
                };
            };
        };
    };
    get_products_filters: {
        parameters: {
            query?: {
                /** @description 关键字: product, institution, 担保方式. */
                words?: string | null;
                /** @description 金融机构. */
                institution?: string | null;
                /** @description 担保方式. */
                guarantee?: string | null;
                /** @description 我需要, in 万元. */
                amount?: string | null;
                /** @description 额度, in 万元. */
                band?: string | null;
                /** @description 期限, in months. */
                term?: string | null;
                /** @description 利率, in percent a year. */
                rate?: string | null;
                /** @description 首贷/续贷. */
                lane?: string | null;
                /** @description 适用行业: a section of the national list. */
                industry?: string | null;
                /** @description 服务区县. */
                county?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Filters"];
                };
            };
        };
    };
    get_products_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductDetail"];
                };
            };
        };
    };
    get_products_id_application_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckView"];
                };
            };
        };
    };
    get_products_id_application_form: {
        parameters: {
            query?: {
                /** @description The request that this one follows. */
                again?: string | null;
            };
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Form"];
                };
            };
        };
    };
    get_products_id_branches: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Branches"];
                };
            };
        };
    };
    get_products_id_eligibility: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
        };
    };
    get_products_id_repayment: {
        parameters: {
            query: {
                /** @description 融资金额, in 万元. */
                amount: string;
                /** @description 期限, in the unit of the product. */
                term: string;
                /** @description 年利率, in percent. */
                rate: string;
                /** @description 还款方式: one of the product's `computed_methods`. */
                method: string;
            };
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repayment"];
                };
            };
        };
    };
    get_profile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
        };
    };
    put_profile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Save"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Saved"];
                };
            };
        };
    };
    post_profile_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Solved"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sent"];
                };
            };
        };
    };
    put_profile_photos_kind: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 代码 */
                kind: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FromUpload"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kept"];
                };
            };
        };
    };
    delete_profile_photos_kind: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 代码 */
                kind: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_profile_photos_kind_readings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 代码 */
                kind: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reading"];
                };
            };
        };
    };
    post_recognitions_licence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reading"];
                };
            };
        };
    };
    get_regions: {
        parameters: {
            query?: {
                /** @description 上级代码; the first level without one. */
                parent?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Regions"];
                };
            };
        };
    };
    post_registrations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Register"];
            };
        };
        responses: {
            /** @description 成功 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
        };
    };
    get_scenes_code: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 代码 */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SceneView"];
                };
            };
        };
    };
    get_size: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Size"];
                };
            };
        };
    };
    put_size: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SizeSave"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SizeSaved"];
                };
            };
        };
    };
    post_sms_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskCode"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sent"];
                };
            };
        };
    };
    get_subscriptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Offers"];
                };
            };
        };
    };
    post_subscriptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Granted"];
            };
        };
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_tokens_current: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功，没有内容 */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_tokens_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ByPassword"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
        };
    };
    post_tokens_refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
        };
    };
    post_tokens_sms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ByCode"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
        };
    };
    post_tokens_wechat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WechatSignIn"];
                };
            };
        };
    };
    post_uploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Begin"];
            };
        };
        responses: {
            /** @description 成功 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadState"];
                };
            };
        };
    };
    get_uploads_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadState"];
                };
            };
        };
    };
    put_uploads_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 编号 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadState"];
                };
            };
        };
    };
    post_wechat_phone_numbers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneCode"];
            };
        };
        responses: {
            /** @description 成功 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhoneFound"];
                };
            };
        };
    };
}
