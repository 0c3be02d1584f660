-- Requests for wrk. ADRESSEN: a file with an address a line, asked at random. SLEUTEL: a key.
-- ETAG: what If-None-Match holds. INHOUD: a file with a body a line, sent by POST.
local function read(naam)
  local regels = {}
  if naam then for regel in io.lines(naam) do regels[#regels + 1] = regel end end
  return regels
end

local adressen = read(os.getenv("ADRESSEN"))
local inhoud = read(os.getenv("INHOUD"))
local koppen = {}
if os.getenv("SLEUTEL") then koppen["Authorization"] = "Bearer " .. os.getenv("SLEUTEL") end
if os.getenv("ETAG") then koppen["If-None-Match"] = os.getenv("ETAG") end
if #inhoud > 0 then koppen["Content-Type"] = "application/json" end

local gereed = {}
for plaats = 1, math.max(#adressen, #inhoud) do
  local adres = adressen[(plaats - 1) % #adressen + 1]
  if #inhoud > 0 then
    gereed[plaats] = { adres, inhoud[plaats] }
  else
    gereed[plaats] = { adres }
  end
end

function init()
  math.randomseed(1)
  for plaats, deel in ipairs(gereed) do
    gereed[plaats] = wrk.format(deel[2] and "POST" or "GET", deel[1], koppen, deel[2])
  end
end

function request()
  return gereed[math.random(#gereed)]
end

function done(samen, duur)
  io.write(string.format(
    'UITSLAG {"verzoeken":%d,"microseconden":%d,"p50":%d,"p99":%d,"status":%d,"verbinding":%d}\n',
    samen.requests, samen.duration, duur:percentile(50), duur:percentile(99),
    samen.errors.status,
    samen.errors.connect + samen.errors.read + samen.errors.write + samen.errors.timeout))
end
