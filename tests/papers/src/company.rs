//! Invented companies whose codes pass both checks and belong to nobody: the division 1399 does not exist, and GB 11714 never
//! assigns PDY00001 to PDY99999.

use domain::values::UnifiedSocialCreditCode;
use rand::{Rng, seq::IndexedRandom as _};

/// What stands on a licence.
#[derive(Clone, Debug)]
pub struct Company {
    pub code: String,
    pub name: String,
    pub kind: &'static str,
    /// 法定代表人 or what stands in its place.
    pub person_label: &'static str,
    pub person: String,
    /// Printed, and in 万元.
    pub capital: (String, u32),
    /// Year, month, day.
    pub established: (i32, u8, u8),
    pub term: String,
    pub address_label: &'static str,
    pub address: String,
    pub scope: String,
    pub authority: String,
}

const PLACES: [&str; 24] = [
    "沧州市",
    "沧州",
    "河北",
    "沧县",
    "青县",
    "东光县",
    "海兴县",
    "盐山县",
    "肃宁县",
    "南皮县",
    "吴桥县",
    "献县",
    "泊头市",
    "任丘市",
    "黄骅市",
    "河间市",
    "沧州市运河区",
    "沧州市新华区",
    "廊坊市",
    "保定市",
    "石家庄",
    "天津",
    "衡水市",
    "邯郸市",
];
/// Signs that names of companies are mostly made of, and rarer ones.
const BRANDS: &str = "华兴瑞鑫盛泰恒宏达信诚德裕隆昌顺祥和美佳益康源茂腾飞宇航凯锦诺亚博雅卓越鸿运嘉禾润泽天成金石玉林森海江河清正方圆广\
众合力创新科远景星辰光明春秋梅兰松柏丰荣富贵吉庆安宁永久万通联友华中东方北大长城龙虎凤阳平利民惠亿百千立建业旺发";
const RARE: &str = "瀚岳澜煜晟睿沣垚淼翊翔旋绣榕桐桦枫莲荷蓉萱芮菲琳琪瑶璟珂玥曦昊晖晨皓朗峻岭峰巍嵘崇敦厚笃毅坚韧铭鼎钰铄锐钧骏驰骋\
驿驭鹏鹤鹭雁麟麒豹熊";
/// One in so many signs of a name is a rare one.
const RARELY: f64 = 0.1;
const TRADES: [&str; 30] = [
    "管道装备制造",
    "机械制造",
    "商贸",
    "电子科技",
    "建筑工程",
    "食品",
    "物流",
    "纺织",
    "包装制品",
    "化工",
    "农业开发",
    "信息技术",
    "文化传媒",
    "餐饮管理",
    "医疗器械",
    "汽车配件",
    "塑料制品",
    "五金工具",
    "环保设备",
    "新能源科技",
    "服装",
    "家具",
    "玻璃制品",
    "电缆",
    "阀门",
    "铸造",
    "箱包",
    "果蔬种植",
    "畜牧养殖",
    "劳务服务",
];
const FORMS: [(&str, &str, &str); 6] = [
    ("有限公司", "有限责任公司(自然人投资或控股)", "法定代表人"),
    ("有限公司", "有限责任公司(自然人独资)", "法定代表人"),
    ("有限责任公司", "其他有限责任公司", "法定代表人"),
    (
        "股份有限公司",
        "股份有限公司(非上市、自然人投资或控股)",
        "法定代表人",
    ),
    ("厂", "个人独资企业", "投资人"),
    ("农民专业合作社", "农民专业合作社", "法定代表人"),
];
const FAMILY: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲红建国华志海燕春梅波斌飞鹏宇浩然子轩梓涵雨欣思远屹舟嘉怡俊峰晓东凤云振宝金玉树森永福德胜利民";
const STREETS: [&str; 16] = [
    "解放西路",
    "交通大街",
    "庆云镇装备大街",
    "黄河东路",
    "迎宾大道",
    "开元大道",
    "工业园区创业路",
    "永济路",
    "浮阳大道",
    "朝阳街",
    "北环中路",
    "海丰大街",
    "经济开发区兴业道",
    "新华路",
    "清池大道",
    "西环中街",
];
const SCOPES: [&str; 22] = [
    "金属结构制造",
    "金属结构销售",
    "五金产品零售",
    "建筑材料销售",
    "机械设备租赁",
    "技术服务、技术开发、技术咨询",
    "货物进出口",
    "普通货物道路运输",
    "食品销售",
    "日用百货销售",
    "电子产品销售",
    "塑料制品制造",
    "化工产品销售（不含许可类化工产品）",
    "家具制造",
    "园林绿化工程施工",
    "劳务派遣服务",
    "信息系统集成服务",
    "广告设计、代理",
    "办公用品销售",
    "管道配件生产",
    "服装批发",
    "水果种植",
];

/// Signs of a code, in the order of their values.
const SIGNS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

impl Company {
    pub fn invented(rng: &mut impl Rng) -> Self {
        let place = *PLACES.choose(rng).expect("not empty");
        let (ending, kind, person_label) = *FORMS.choose(rng).expect("not empty");
        let brand = brand(rng);
        let trade = TRADES.choose(rng).expect("not empty");
        let year = rng.random_range(1998..=2025);
        let established = (year, rng.random_range(1..=12), rng.random_range(1..=28));
        let day = printed(established);
        let term = if rng.random_bool(0.6) {
            format!("{day}至长期")
        } else {
            format!(
                "{day}至{}",
                printed((year + 20, established.1, established.2))
            )
        };
        let mut scope: Vec<&str> = SCOPES.choose_multiple(rng, 6).copied().collect();
        scope.truncate(rng.random_range(2..=6));
        Self {
            code: code(rng),
            name: format!("{place}{brand}{trade}{ending}"),
            kind,
            person_label,
            person: format!(
                "{}{}",
                signs(FAMILY, 1, rng),
                signs(GIVEN, rng.random_range(1..=2), rng)
            ),
            capital: capital(rng),
            established,
            term,
            address_label: if rng.random_bool(0.8) {
                "住所"
            } else {
                "主要经营场所"
            },
            address: address(rng),
            scope: format!(
                "{}。（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
                scope.join("；")
            ),
            authority: format!("{place}市场监督管理局"),
        }
    }
}

/// 2016年05月18日.
pub fn printed((year, month, day): (i32, u8, u8)) -> String {
    format!("{year}年{month:02}月{day:02}日")
}

fn signs(pool: &str, many: usize, rng: &mut impl Rng) -> String {
    let pool: Vec<char> = pool.chars().filter(|c| !c.is_whitespace()).collect();
    (0..many)
        .map(|_| *pool.choose(rng).expect("not empty"))
        .collect()
}

fn brand(rng: &mut impl Rng) -> String {
    let many = rng.random_range(2..=4);
    (0..many)
        .map(|_| {
            let rare = rng.random_bool(RARELY);
            signs(if rare { RARE } else { BRANDS }, 1, rng)
        })
        .collect()
}

fn address(rng: &mut impl Rng) -> String {
    let place = PLACES[3..].choose(rng).expect("not empty");
    let street = STREETS.choose(rng).expect("not empty");
    let number = rng.random_range(1..300);
    let tail = match rng.random_range(0..4) {
        0 => format!(
            "{}号楼{}单元{}室",
            rng.random_range(1..20),
            rng.random_range(1..5),
            rng.random_range(101..2_500)
        ),
        1 => format!(
            "{}座{}室",
            ["A", "B", "C"].choose(rng).expect("not empty"),
            rng.random_range(101..2_500)
        ),
        2 => "（北侧院内）".to_owned(),
        _ => String::new(),
    };
    format!("河北省{place}{street}{number}号{tail}")
}

fn capital(rng: &mut impl Rng) -> (String, u32) {
    const AMOUNTS: [(u32, &str); 10] = [
        (10, "壹拾"),
        (50, "伍拾"),
        (100, "壹佰"),
        (200, "贰佰"),
        (300, "叁佰"),
        (500, "伍佰"),
        (1_000, "壹仟"),
        (1_280, "壹仟贰佰捌拾"),
        (3_600, "叁仟陆佰"),
        (5_000, "伍仟"),
    ];
    let (wan, words) = *AMOUNTS.choose(rng).expect("not empty");
    let text = match rng.random_range(0..3) {
        0 => format!("{words}万元整"),
        1 => format!("人民币{words}万元整"),
        _ => format!("{wan}万元人民币"),
    };
    (text, wan)
}

/// A code that passes both checks, found by trying the two check signs.
fn code(rng: &mut impl Rng) -> String {
    loop {
        let body: String = if rng.random_bool(0.3) {
            format!("PDY{:05}", rng.random_range(1..=99_999))
        } else {
            let tail: String = (0..6).map(|_| sign(rng, 0.7)).collect();
            format!("MA{tail}")
        };
        let kind = *["91", "91", "91", "92", "93"]
            .choose(rng)
            .expect("not empty");
        let front = format!("{kind}1399{:02}{body}", rng.random_range(0..=99));
        for organisation in "0123456789X".chars() {
            for check in SIGNS {
                let whole = format!("{front}{organisation}{}", char::from(*check));
                if UnifiedSocialCreditCode::parse(&whole).is_ok() {
                    return whole;
                }
            }
        }
    }
}

/// Mostly digits, as in real codes.
fn sign(rng: &mut impl Rng, digits: f64) -> char {
    let range = if rng.random_bool(digits) {
        0..10
    } else {
        10..31
    };
    char::from(SIGNS[rng.random_range(range)])
}
